// A dialog with an address of its own: Escape, the close button and Back all lead to the page under it.
import { Modal, type ModalProps } from '@mantine/core'

type RouteDialogProps = Pick<ModalProps, 'title' | 'size' | 'children'> & {
  onClose: () => void
  /** A secret is on screen: only its own button closes the dialog. */
  locked?: boolean
}

export function RouteDialog({ onClose, locked, ...modal }: RouteDialogProps) {
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnClickOutside={!locked}
      closeOnEscape={!locked}
      withCloseButton={!locked}
      returnFocus={false}
      {...modal}
    />
  )
}
