// Disputes: the list, the answer, and what is taken back.
import { keepPreviousData, queryOptions, useMutation } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import { useRefresh } from '~/api/refresh'
import { DISPUTES } from '~/components/disputes/queries'
import { dayIn } from '~/lib/time'
import type { DisputesSearch } from './search'

/** What the address asks for, in the API's words. What nobody could have chosen is as if nothing was chosen. */
export const filterOf = (search: DisputesSearch) => ({
  q: search.q?.trim().slice(0, 120) || undefined,
  team_id: search.team,
  state: search.state && [search.state],
  kind: search.kind && [search.kind],
})
export type DisputesFilter = ReturnType<typeof filterOf>

export const disputesQuery = (filter: DisputesFilter, cursor: string | undefined) => {
  const query = { ...filter, cursor }
  return queryOptions({
    queryKey: [...DISPUTES, 'list', query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/disputes', { params: { query }, signal })),
  })
}

export type Answer = { id: string; accepted: boolean; answer: string }

export function useAnswer() {
  // Whatever became of it: somebody else may have answered.
  const refresh = useRefresh(DISPUTES)
  return useMutation({
    mutationFn: ({ id: dispute_id, ...body }: Answer) =>
      ok(
        api.POST('/api/disputes/{dispute_id}/answer', {
          params: { path: { dispute_id } },
          body,
        }),
      ),
    onSettled: refresh,
  })
}

export function useWithdraw() {
  const refresh = useRefresh(DISPUTES)
  return useMutation({
    mutationFn: (dispute_id: string) =>
      ok(api.POST('/api/disputes/{dispute_id}/withdraw', { params: { path: { dispute_id } } })),
    onSettled: refresh,
  })
}

export function exportDisputes(filter: DisputesFilter, format: 'csv' | 'xlsx') {
  const query = { ...filter, format }
  const call = api.GET('/api/disputes/export', { params: { query }, parseAs: 'blob' })
  return saveFile(`disputes-${dayIn('UTC')}.${format}`, call)
}
