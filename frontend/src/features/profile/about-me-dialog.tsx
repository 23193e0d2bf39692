// Asks for the file, after the own password: whoever has it knows each of one's days.
import { Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { StepUpForm } from '~/components/step-up-form'
import { useCreateOwnExport } from './queries'

export default function AboutMeDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateOwnExport()
  const onSuccess = () => {
    notifications.show({ message: 'The file is being made.' })
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title="Export everything about you?">
      <StepUpForm
        action={create}
        onSubmit={(stepUp, options) => create.mutate(stepUp, { ...options, onSuccess })}
        password={{
          description:
            'Asked again because the file holds all of your days. That you asked is written to the audit log, and not what is in it.',
        }}
        label="Export everything"
        onCancel={onClose}
      >
        One ZIP file: a list for each kind of record, your pictures, and a text that says what each
        is and what is left out. Keep it where nobody else reads it.
      </StepUpForm>
    </Modal>
  )
}
