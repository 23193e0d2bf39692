// The company's teams: list, make, rename, delete, and who is in them.
import { keepPreviousData, queryOptions, useMutation } from '@tanstack/react-query'
import { api, done, ok } from '~/api/client'
import { useRefresh } from '~/api/refresh'

type TeamsFilter = { q?: string | undefined; cursor?: string | undefined }

export const teamsQuery = ({ q, cursor }: TeamsFilter) =>
  queryOptions({
    queryKey: ['teams', 'list', { q, cursor }],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/teams', { params: { query: { q, cursor } }, signal })),
  })

/** Those to choose from; more than 200 nobody finds in a list. */
export const teamChoicesQuery = queryOptions({
  queryKey: ['teams', 'choices'],
  queryFn: ({ signal }) => ok(api.GET('/api/teams', { params: { query: { limit: 200 } }, signal })),
})

/** Who may be put into one. */
export const activePeopleQuery = (q: string | undefined) =>
  queryOptions({
    queryKey: ['employees', 'active', { q }],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/employees', { params: { query: { q, status: ['active'] } }, signal })),
  })

/** Who is in which team is told by the lists of both. */
const useListsAgain = () => useRefresh(['teams'], ['employees'], ['own-settings'])

const one = (team_id: string) => ({ params: { path: { team_id } } })

/** Makes one, or renames that one. */
export function useSaveTeam(id: string | undefined) {
  const refresh = useListsAgain()
  return useMutation({
    mutationFn: (name: string) =>
      ok(
        id === undefined
          ? api.POST('/api/teams', { body: { name } })
          : api.POST('/api/teams/{team_id}/rename', { ...one(id), body: { name } }),
      ),
    onSuccess: refresh,
  })
}

export function useDeleteTeam(id: string) {
  const refresh = useListsAgain()
  return useMutation({
    mutationFn: () => done(api.DELETE('/api/teams/{team_id}', one(id))),
    onSuccess: refresh,
  })
}

export function useAddMembers() {
  const refresh = useListsAgain()
  return useMutation({
    mutationFn: ({ team, employee_ids }: { team: string; employee_ids: string[] }) =>
      ok(api.POST('/api/teams/{team_id}/members', { ...one(team), body: { employee_ids } })),
    onSuccess: refresh,
  })
}

export function useRemoveMember() {
  const refresh = useListsAgain()
  return useMutation({
    mutationFn: (path: { team_id: string; employee_id: string }) =>
      done(api.DELETE('/api/teams/{team_id}/members/{employee_id}', { params: { path } })),
    onSuccess: refresh,
  })
}

/** All leads of a team, as they are now. */
export const teamLeadsQuery = (team: string) =>
  queryOptions({
    queryKey: ['teams', 'leads', team],
    // What is changed is what is there.
    staleTime: 0,
    gcTime: 0,
    queryFn: ({ signal }) => ok(api.GET('/api/teams/{team_id}/leads', { ...one(team), signal })),
  })

/** Refused with `precondition_failed` when they are not what was seen any more. */
export function useChangeLeads(team_id: string) {
  const refresh = useListsAgain()
  return useMutation({
    mutationFn: ({ version, employee_ids }: { version: string; employee_ids: string[] }) =>
      ok(
        api.PUT('/api/teams/{team_id}/leads', {
          params: { path: { team_id }, header: { 'If-Match': `"${version}"` } },
          body: { employee_ids },
        }),
      ),
    onSettled: refresh,
  })
}
