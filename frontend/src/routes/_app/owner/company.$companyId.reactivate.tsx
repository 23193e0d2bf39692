import { createFileRoute } from '@tanstack/react-router'
import { ReactivateDialog } from '~/features/owner/company/status-dialogs'

export const Route = createFileRoute('/_app/owner/company/$companyId/reactivate')({
  component: ReactivateDialog,
})
