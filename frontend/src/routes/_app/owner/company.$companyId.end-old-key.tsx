import { createFileRoute } from '@tanstack/react-router'
import { EndOldKeyDialog } from '~/features/owner/company/end-old-key-dialog'

export const Route = createFileRoute('/_app/owner/company/$companyId/end-old-key')({
  component: EndOldKeyDialog,
})
