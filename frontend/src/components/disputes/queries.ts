// What one contests: the own slots, and a new one.
import { queryOptions, useMutation } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { useRefresh } from '~/api/refresh'
import type { NewDispute } from '~/api/types'

export const DISPUTES = ['disputes'] as const

/** The latest of one's own slots, for the minutes that they are of. */
export const ownSlotsQuery = (user_id: string) => {
  const query = { user_id, kind: ['slot' as const], limit: 200 }
  return queryOptions({
    queryKey: [...DISPUTES, 'own slots', user_id],
    queryFn: ({ signal }) => ok(api.GET('/api/disputes', { params: { query }, signal })),
  })
}

export function useContest() {
  const refresh = useRefresh(DISPUTES)
  return useMutation({
    mutationFn: (body: NewDispute) => ok(api.POST('/api/disputes', { body })),
    onSuccess: refresh,
  })
}
