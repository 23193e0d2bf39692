import { createFileRoute } from '@tanstack/react-router'
import { RenewDialog } from '~/features/owner/company/terms-dialogs'

export const Route = createFileRoute('/_app/owner/company/$companyId/renew')({
  component: RenewDialog,
})
