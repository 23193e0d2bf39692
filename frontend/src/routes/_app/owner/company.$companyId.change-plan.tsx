import { createFileRoute } from '@tanstack/react-router'
import { ChangePlanDialog } from '~/features/owner/company/change-plan-dialog'

export const Route = createFileRoute('/_app/owner/company/$companyId/change-plan')({
  component: ChangePlanDialog,
})
