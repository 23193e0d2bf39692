// Work sessions: the list, and what an admin changes of one.
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { WorkSession } from '~/api/types'
import type { SessionsSearch } from './search'

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const COUNTS: Record<string, boolean> = { no: true, yes: false }

export const sessionsQuery = ({
  q,
  team,
  end,
  counts,
  from,
  to,
  cursor,
}: Omit<SessionsSearch, 'session'>) => {
  // What nobody could have chosen is as if nothing was chosen.
  const team_id = team && UUID.test(team) ? team : undefined
  const excluded = counts ? COUNTS[counts] : undefined
  const query = { q, team_id, end: end?.slice(0, 40), excluded, from, to, cursor }
  return queryOptions({
    queryKey: ['work-sessions', query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/work-sessions', { params: { query }, signal })),
  })
}

/** Excludes a session that counts, and lets one count again that does not. */
export function useChange({ id: work_session_id, excluded_at }: WorkSession) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (reason: string) => {
      const options = { params: { path: { work_session_id } }, body: { reason } }
      return ok(
        excluded_at
          ? api.POST('/api/work-sessions/{work_session_id}/include', options)
          : api.POST('/api/work-sessions/{work_session_id}/exclude', options),
      )
    },
    onSuccess: () =>
      Promise.all(
        ['work-sessions', 'timeline', 'usage', 'employees'].map((first) =>
          cache.invalidateQueries({ queryKey: [first] }),
        ),
      ),
  })
}
