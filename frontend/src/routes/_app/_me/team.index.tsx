import { createFileRoute } from '@tanstack/react-router'
import { ledTeamSearch } from '~/features/led-teams/search'
import { TeamPage } from '~/features/led-teams/team-page'

export const Route = createFileRoute('/_app/_me/team/')({
  validateSearch: ledTeamSearch,
  component: TeamPage,
})
