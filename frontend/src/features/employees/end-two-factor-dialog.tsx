// For somebody who lost the app and the recovery codes: after the admin's own password.
import { Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Employee } from '~/api/types'
import { StepUpForm } from '~/components/step-up-form'
import { useEndTwoFactorOf } from './queries'

type EndTwoFactorDialogProps = { person: Employee; onClose: () => void }

export function EndTwoFactorDialog({ person, onClose }: EndTwoFactorDialogProps) {
  const end = useEndTwoFactorOf(person.id)
  const name = person.name || person.email
  const onSuccess = () => {
    notifications.show({ message: `${name} signs in with the password alone now.` })
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title={`Switch ${name}’s two-factor off?`}>
      <StepUpForm
        action={end}
        onSubmit={(stepUp, options) => end.mutate(stepUp, { ...options, onSuccess })}
        password={{
          description:
            'Asked again because it makes an account easier to take. It is written to the audit log.',
        }}
        label="Switch off"
        danger
        onCancel={onClose}
      >
        For who lost the app and the recovery codes. Make sure that it is {name} who asks: the
        password alone opens the account then. Every sign-in of theirs ends, and they are told by
        mail.
      </StepUpForm>
    </Modal>
  )
}
