import { createFileRoute } from '@tanstack/react-router'
import { ExtendTrialDialog } from '~/features/owner/company/extend-trial-dialog'

export const Route = createFileRoute('/_app/owner/company/$companyId/extend-trial')({
  component: ExtendTrialDialog,
})
