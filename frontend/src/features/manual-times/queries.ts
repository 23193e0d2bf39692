// Manual time: the list, what is allowed, and what is said, decided and taken back.
import { keepPreviousData, queryOptions, useMutation } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import { useRefresh } from '~/api/refresh'
import type { Input } from '~/api/types'
import { dayIn } from '~/lib/time'
import type { ManualTimesSearch } from './search'

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** What the address asks for, in the API's words. What nobody could have chosen is as if nothing was chosen. */
export const filterOf = (search: ManualTimesSearch) => ({
  q: search.q?.trim().slice(0, 120) || undefined,
  team_id: search.team && UUID.test(search.team) ? search.team : undefined,
  state: search.state && [search.state],
  kind: search.kind && [search.kind],
  from: search.from,
  to: search.to,
})
export type ManualTimesFilter = ReturnType<typeof filterOf>

export const manualTimesQuery = (filter: ManualTimesFilter, cursor: string | undefined) => {
  const query = { ...filter, cursor }
  return queryOptions({
    queryKey: ['manual-times', 'list', query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/manual-times', { params: { query }, signal })),
  })
}

export const rulesQuery = queryOptions({
  queryKey: ['manual-times', 'rules'],
  queryFn: ({ signal }) => ok(api.GET('/api/manual-times/rules', { signal })),
})

const useHoursAgain = () => useRefresh(['manual-times'], ['timeline'], ['usage'], ['employees'])

export type NewManualTime = Input<'/api/manual-times'>

export function useAdd() {
  const refresh = useHoursAgain()
  return useMutation({
    mutationFn: (body: NewManualTime) => ok(api.POST('/api/manual-times', { body })),
    onSuccess: refresh,
  })
}

export type Decision = { to: 'approve' | 'reject'; ids: string[]; reason: string }

/** All of the entries, or none. */
export function useDecide() {
  const refresh = useHoursAgain()
  return useMutation({
    mutationFn: ({ to, ids: manual_time_ids, reason }: Decision) =>
      to === 'approve'
        ? ok(
            api.POST('/api/manual-times/approve', {
              body: { manual_time_ids, ...(reason ? { reason } : {}) },
            }),
          )
        : ok(api.POST('/api/manual-times/reject', { body: { manual_time_ids, reason } })),
    // Whatever became of it: somebody else may have decided.
    onSettled: refresh,
  })
}

export function useWithdraw() {
  const refresh = useHoursAgain()
  return useMutation({
    mutationFn: (manual_time_id: string) =>
      ok(
        api.POST('/api/manual-times/{manual_time_id}/withdraw', {
          params: { path: { manual_time_id } },
        }),
      ),
    onSettled: refresh,
  })
}

export function exportManualTimes(filter: ManualTimesFilter, format: 'csv' | 'xlsx') {
  const query = { ...filter, format }
  const call = api.GET('/api/manual-times/export', { params: { query }, parseAs: 'blob' })
  return saveFile(`manual-times-${dayIn('UTC')}.${format}`, call)
}
