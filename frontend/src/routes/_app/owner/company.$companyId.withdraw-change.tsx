import { createFileRoute } from '@tanstack/react-router'
import { WithdrawChangeDialog } from '~/features/owner/company/terms-dialogs'

export const Route = createFileRoute('/_app/owner/company/$companyId/withdraw-change')({
  component: WithdrawChangeDialog,
})
