import { createFileRoute } from '@tanstack/react-router'
import { teamsSearch } from '~/features/teams/search'
import { TeamsPage } from '~/features/teams/teams-page'

export const Route = createFileRoute('/_app/_admin/teams')({
  validateSearch: teamsSearch,
  component: TeamsPage,
})
