// What somebody was told: how much of it is unread, asked again every quarter of a minute while the tab is in front, and the
// list behind it.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { Input, Unread } from '~/api/types'

const EVERY_MS = 15_000
/** Pages that were opened at the same moment do not all ask at the same moment. */
const JITTER_MS = 3_000
/** While it fails, or is refused. */
const LATER_MS = 60_000

type Kept = { counted: Unread; tag: string | null }

export const unreadQuery = queryOptions({
  queryKey: ['notifications', 'unread'],
  staleTime: 0,
  retry: false,
  queryFn: async ({ signal, client, queryKey }): Promise<Kept> => {
    const known = client.getQueryData<Kept>(queryKey)
    const header = known?.tag ? { 'If-None-Match': known.tag } : {}
    const call = api.GET('/api/notifications/unread', { params: { header }, signal })
    const { response } = await call.catch(() => ({ response: undefined }))
    if (response?.status === 304 && known) return known
    return { counted: await ok(call), tag: response?.headers.get('etag') ?? null }
  },
  // Not while the tab is hidden: that is this library's way unless it is told otherwise.
  refetchInterval: ({ state }) =>
    (state.error ? LATER_MS : EVERY_MS) + (state.dataUpdatedAt % JITTER_MS),
})

export const listQuery = queryOptions({
  queryKey: ['notifications', 'list'],
  staleTime: 0,
  queryFn: ({ signal }) =>
    ok(api.GET('/api/notifications', { params: { query: { limit: 30 } }, signal })),
})

export function useRead() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Input<'/api/notifications/read'>) =>
      ok(api.POST('/api/notifications/read', { body })),
    onSettled: () => cache.invalidateQueries({ queryKey: ['notifications'] }),
  })
}
