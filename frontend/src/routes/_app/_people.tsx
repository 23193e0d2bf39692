// Pages about people for those who administer them: all of the company, or those of teams.
import { createFileRoute } from '@tanstack/react-router'
import { requireRole } from '~/lib/guard'

export const Route = createFileRoute('/_app/_people')({
  beforeLoad: () => requireRole('ADMIN', 'TEAM_ADMIN'),
})
