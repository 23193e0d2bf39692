import { createFileRoute } from '@tanstack/react-router'
import { DeleteNoteDialog } from '~/features/owner/company/delete-note-dialog'

export const Route = createFileRoute('/_app/owner/company/$companyId/delete-note/$noteId')({
  component: DeleteNoteDialog,
})
