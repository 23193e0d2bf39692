// Pages of a company's admins.
import { createFileRoute } from '@tanstack/react-router'
import { requireRole } from '~/lib/guard'

export const Route = createFileRoute('/_app/_admin')({
  beforeLoad: () => requireRole('ADMIN'),
})
