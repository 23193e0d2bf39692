// Pictures, originals that are opened with a reason, and deleting one.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { useRefresh } from '~/api/refresh'
import type { Input } from '~/api/types'

const MINUTE = 60_000

/** A picture needs the token, so it is fetched and not linked. Kept for a short while: pictures are large. */
export const pictureQuery = (screenshot_id: string, size: 'thumbnail' | 'image') =>
  queryOptions({
    queryKey: ['screenshots', 'picture', screenshot_id, size],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 2 * MINUTE,
    queryFn: async ({ signal }) => {
      const options = { params: { path: { screenshot_id } }, parseAs: 'blob', signal } as const
      const picture: unknown = await ok(
        size === 'image'
          ? api.GET('/api/screenshots/{screenshot_id}/image', options)
          : api.GET('/api/screenshots/{screenshot_id}/thumbnail', options),
      )
      return picture as Blob
    },
  })

export type OriginalReason = Input<'/api/screenshots/{screenshot_id}/original'>

/** Never kept: each look at an original is asked for, and noted. */
export function useOriginal(screenshot_id: string) {
  const cache = useQueryClient()
  return useMutation({
    gcTime: 0,
    mutationFn: async (body: OriginalReason) => {
      const path = '/api/screenshots/{screenshot_id}/original'
      const options = { params: { path: { screenshot_id } }, body, parseAs: 'blob' } as const
      const original: unknown = await ok(api.POST(path, options))
      return original as Blob
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: ['access'] }),
  })
}

export function useDelete(screenshot_id: string) {
  const cache = useQueryClient()
  const refresh = useRefresh(
    ['screenshots', 'list'],
    ['screenshots', 'slots'],
    ['screenshots', 'days'],
    ['timeline'],
  )
  return useMutation({
    mutationFn: (reason: string) =>
      ok(
        api.POST('/api/screenshots/{screenshot_id}/delete', {
          params: { path: { screenshot_id } },
          body: { reason },
        }),
      ),
    onSuccess: () => {
      cache.removeQueries({ queryKey: ['screenshots', 'picture', screenshot_id] })
      refresh()
    },
  })
}
