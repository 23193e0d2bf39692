// What a lead asks about the own teams. Nothing is kept longer than the page is open: who leads no more sees no more.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'

type Days = { from: string; to: string }

export const ledTeamsQuery = queryOptions({
  queryKey: ['led-teams'],
  staleTime: 0,
  queryFn: ({ signal }) => ok(api.GET('/api/led-teams', { signal })),
})

const of = (team_id: string, query: Days) => ({ params: { path: { team_id }, query } })

export const ledPeopleQuery = (team: string, days: Days) =>
  queryOptions({
    queryKey: ['led-teams', team, 'people', days],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/led-teams/{team_id}/people', { ...of(team, days), signal })),
  })

export const ledDaysQuery = (team: string, days: Days) =>
  queryOptions({
    queryKey: ['led-teams', team, 'days', days],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/led-teams/{team_id}/days', { ...of(team, days), signal })),
  })
