import { createFileRoute } from '@tanstack/react-router'
import { SystemPage } from '~/features/owner/system/system-page'

export const Route = createFileRoute('/_app/owner/system')({
  component: SystemPage,
})
