// Requires two-factor of everybody, or leaves it to each: after the admin's own password.
import { Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { StepUpForm } from '~/components/step-up-form'
import { useChangeSignInPolicy } from './queries'

type ChangeDialogProps = { required: boolean; onClose: () => void }

export default function ChangeDialog({ required, onClose }: ChangeDialogProps) {
  const change = useChangeSignInPolicy()
  const onSuccess = () => {
    notifications.show({
      message: required ? 'Two-factor is required now.' : 'Two-factor is left to each person now.',
    })
    onClose()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={required ? 'Require two-factor?' : 'Leave two-factor to each person?'}
    >
      <StepUpForm
        action={change}
        onSubmit={(stepUp, options) =>
          change.mutate({ two_factor_required: required, ...stepUp }, { ...options, onSuccess })
        }
        password={{
          description:
            'Asked again because it changes how everybody signs in. It is written to the audit log.',
        }}
        label={required ? 'Require it' : 'Leave it to them'}
        onCancel={onClose}
      >
        {required
          ? 'In force at once: people who have not set it up are led there before anything else. Nobody is signed out, and agents go on recording.'
          : 'Who has it on keeps it, and may switch it off.'}
      </StepUpForm>
    </Modal>
  )
}
