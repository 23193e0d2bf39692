// One's own pages: an employee's, and an admin's who tracks own time.
import { createFileRoute } from '@tanstack/react-router'
import { requireRole } from '~/lib/guard'

export const Route = createFileRoute('/_app/_me')({
  beforeLoad: () => requireRole('EMPLOYEE', 'TEAM_ADMIN', 'ADMIN'),
})
