// The vendor's pages.
import { createFileRoute } from '@tanstack/react-router'
import { requireRole } from '~/lib/guard'

export const Route = createFileRoute('/_app/owner')({
  beforeLoad: () => requireRole('OWNER'),
})
