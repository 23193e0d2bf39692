// Sets two-factor up, or moves it to another app.
import { Modal } from '@mantine/core'
import { useConfirmTwoFactor, useSetUpTwoFactor } from './queries'
import { SetUpSteps } from './set-up-steps'

type SetUpDialogProps = { moves: boolean; onClose: () => void }

export default function SetUpDialog({ moves, onClose }: SetUpDialogProps) {
  const setUp = useSetUpTwoFactor()
  const confirm = useConfirmTwoFactor()
  return (
    <Modal
      opened
      onClose={onClose}
      title={
        confirm.data ? 'Your recovery codes' : moves ? 'Move to another app' : 'Set up two-factor'
      }
      closeOnClickOutside={!confirm.data}
      closeOnEscape={!confirm.data}
      withCloseButton={!confirm.data}
    >
      <SetUpSteps
        setUp={setUp}
        confirm={confirm}
        moves={moves}
        onCancel={onClose}
        onDone={onClose}
      />
    </Modal>
  )
}
