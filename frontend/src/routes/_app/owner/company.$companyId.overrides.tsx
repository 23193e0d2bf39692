import { createFileRoute } from '@tanstack/react-router'
import { OverridesDialog } from '~/features/owner/company/overrides-dialog'

export const Route = createFileRoute('/_app/owner/company/$companyId/overrides')({
  component: OverridesDialog,
})
