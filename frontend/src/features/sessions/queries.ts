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

/** What an admin may do with a session. */
export type Action = 'exclude' | 'include' | 'cut' | 'restore' | 'delete'
/** `from` and `to` are of a cut: what is left of the session, to its own ends where they are absent. */
export type Change = { action: Action; reason: string; from?: string; to?: string }

export function useChange({ id: work_session_id }: WorkSession) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ action, ...body }: Change) => {
      const path = { params: { path: { work_session_id } } }
      if (action === 'cut')
        return ok(api.POST('/api/work-sessions/{work_session_id}/cut', { ...path, body }))
      const { reason } = body
      return ok(
        api.POST(`/api/work-sessions/{work_session_id}/${action}`, { ...path, body: { reason } }),
      )
    },
    onSuccess: () =>
      Promise.all(
        ['work-sessions', 'manual-times', 'timeline', 'usage', 'employees', 'screenshots'].map(
          (first) => cache.invalidateQueries({ queryKey: [first] }),
        ),
      ),
  })
}
