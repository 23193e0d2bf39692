import { createFileRoute } from '@tanstack/react-router'
import { SuspendDialog } from '~/features/owner/company/status-dialogs'

export const Route = createFileRoute('/_app/owner/company/$companyId/suspend')({
  component: SuspendDialog,
})
