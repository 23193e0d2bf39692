import { createFileRoute } from '@tanstack/react-router'
import { RotateKeyDialog } from '~/features/owner/company/rotate-key-dialog'

export const Route = createFileRoute('/_app/owner/company/$companyId/rotate-key')({
  component: RotateKeyDialog,
})
