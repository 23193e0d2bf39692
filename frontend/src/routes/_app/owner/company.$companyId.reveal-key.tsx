import { createFileRoute } from '@tanstack/react-router'
import { RevealKeyDialog } from '~/features/owner/company/reveal-key-dialog'

export const Route = createFileRoute('/_app/owner/company/$companyId/reveal-key')({
  component: RevealKeyDialog,
})
