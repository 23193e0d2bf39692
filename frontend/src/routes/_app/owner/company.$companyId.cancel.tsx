import { createFileRoute } from '@tanstack/react-router'
import { CancelDialog } from '~/features/owner/company/terms-dialogs'

export const Route = createFileRoute('/_app/owner/company/$companyId/cancel')({
  component: CancelDialog,
})
