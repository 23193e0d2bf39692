// Asks for the file, after the admin's own password: whoever has it has everything.
import { Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { StepUpForm } from '~/components/step-up-form'
import { useCreateExport } from './queries'

export default function CreateDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateExport()
  const onSuccess = () => {
    notifications.show({ message: 'The file is being made.' })
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title="Export everything?">
      <StepUpForm
        action={create}
        onSubmit={(stepUp, options) => create.mutate(stepUp, { ...options, onSuccess })}
        password={{
          description:
            'Asked again because the file holds what was recorded about everybody. It is written to the audit log.',
        }}
        label="Export everything"
        onCancel={onClose}
      >
        One ZIP file with every table as JSON, and all pictures. You alone can fetch it, for a day.
        Each person finds the export in the list of who looked at their data.
      </StepUpForm>
    </Modal>
  )
}
