import { createFileRoute } from '@tanstack/react-router'
import { ActivateDialog } from '~/features/owner/company/terms-dialogs'

export const Route = createFileRoute('/_app/owner/company/$companyId/activate')({
  component: ActivateDialog,
})
