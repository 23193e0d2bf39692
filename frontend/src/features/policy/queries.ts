// Versions of the monitoring policy, who acknowledged them, and a new one.
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import type { Input } from '~/api/types'
import { dayIn } from '~/lib/time'
import type { PolicySearch } from './search'

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** What the address asks for, in the API's words. What nobody could have chosen is as if nothing was chosen. */
export function filterOf({ state, team, version }: PolicySearch) {
  return {
    state: state === 'all' ? undefined : state,
    team_id: team && UUID.test(team) ? team : undefined,
    version: version && /^[1-9]\d{0,8}$/.test(version) ? Number(version) : undefined,
  }
}
export type AcknowledgementsFilter = ReturnType<typeof filterOf>

export const versionsQuery = queryOptions({
  queryKey: ['policy', 'versions'],
  queryFn: ({ signal }) => ok(api.GET('/api/monitoring-policies', { signal })),
})

export const acknowledgementsQuery = (
  filter: AcknowledgementsFilter,
  cursor: string | undefined,
) => {
  const query = { ...filter, cursor }
  return queryOptions({
    queryKey: ['policy', 'acknowledgements', query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/monitoring-policies/acknowledgements', { params: { query }, signal })),
  })
}

export function usePublishPolicy() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Input<'/api/monitoring-policies'>) =>
      ok(api.POST('/api/monitoring-policies', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['policy'] }),
  })
}

export function exportAcknowledgements(filter: AcknowledgementsFilter, format: 'csv' | 'xlsx') {
  const query = { ...filter, format }
  const call = api.GET('/api/monitoring-policies/acknowledgements/export', {
    params: { query },
    parseAs: 'blob',
  })
  return saveFile(`policy-acknowledgements-${dayIn('UTC')}.${format}`, call)
}
