// The monitoring policy in force, for whom it is about.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'

export const myPolicyQuery = queryOptions({
  queryKey: ['policy', 'mine'],
  queryFn: ({ signal }) => ok(api.GET('/api/me/monitoring-policy', { signal })),
})

/** Refused with `policy_version_not_current` when another version is in force by now: that one is read anew. */
export function useAcknowledgePolicy() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (version: number) =>
      ok(api.POST('/api/me/monitoring-policy/acknowledgements', { body: { version } })),
    onSettled: () => cache.invalidateQueries({ queryKey: ['policy'] }),
  })
}
