// How the service is doing, asked again while somebody looks.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'

export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => ok(api.GET('/api/owner/system', { signal })),
  refetchInterval: 30_000,
})

export function useRetry() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (job_id: string) =>
      ok(api.POST('/api/owner/system/jobs/{job_id}/retry', { params: { path: { job_id } } })),
    // Refused or not: what is shown may be old.
    onSettled: () => cache.invalidateQueries({ queryKey: systemQuery.queryKey }),
  })
}
