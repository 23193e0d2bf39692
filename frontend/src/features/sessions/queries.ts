// Work sessions: the list, and what an admin changes of one.
import { keepPreviousData, queryOptions, useMutation } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import { useRefresh } from '~/api/refresh'
import type { WorkSession } from '~/api/types'
import { dayIn } from '~/lib/time'
import type { SessionsSearch } from './search'

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const COUNTS: Record<string, boolean> = { no: true, yes: false }

const idOf = (text: string | undefined) => (text && UUID.test(text) ? text : undefined)

/** What the address asks for, in the API's words. What nobody could have chosen is as if nothing was chosen. */
export const filterOf = ({ q, team, end, counts, task, from, to }: SessionsSearch) => ({
  q,
  team_id: idOf(team),
  end: end?.slice(0, 40),
  excluded: counts ? COUNTS[counts] : undefined,
  task_id: idOf(task),
  without_task: task === 'none' || undefined,
  from,
  to,
})

export const sessionsQuery = (search: SessionsSearch) => {
  const query = { ...filterOf(search), cursor: search.cursor }
  return queryOptions({
    queryKey: ['work-sessions', query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/work-sessions', { params: { query }, signal })),
  })
}

export function exportSessions(search: SessionsSearch, format: 'csv' | 'xlsx') {
  const query = { ...filterOf(search), format }
  const call = api.GET('/api/work-sessions/export', { params: { query }, parseAs: 'blob' })
  return saveFile(`work-sessions-${dayIn('UTC')}.${format}`, call)
}

/** What an admin may do with a session. */
export type Action = 'exclude' | 'include' | 'cut' | 'restore' | 'delete'
/** `from` and `to` are of a cut: what is left of the session, to its own ends where they are absent. */
export type Change = { action: Action; reason: string; from?: string; to?: string }

export function useChange({ id: work_session_id }: WorkSession) {
  const refresh = useRefresh(
    ['work-sessions'],
    ['manual-times'],
    ['timeline'],
    ['usage'],
    ['employees'],
    ['screenshots'],
  )
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
    onSuccess: refresh,
  })
}
