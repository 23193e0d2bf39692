// Files with everything of the company: asked for, made by a job, fetched.
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import { meQuery } from '~/api/me'
import type { CompanyExport, Input } from '~/api/types'
import { isBeingMade, LOOK_AGAIN_MS } from '~/components/made-file'
import { dayIn } from '~/lib/time'

/** Looks again while one of them is being made. */
export const exportsQuery = (cursor: string | undefined) =>
  queryOptions({
    queryKey: ['exports', { cursor }],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/exports', { params: { query: { cursor } }, signal })),
    refetchInterval: ({ state }) => (state.data?.items.some(isBeingMade) ? LOOK_AGAIN_MS : false),
  })

export function useCreateExport() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Input<'/api/exports'>) => ok(api.POST('/api/exports', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['exports'] }),
  })
}

export function useDownload() {
  return useMutation({
    mutationFn: ({ id: export_id, created_at }: CompanyExport) =>
      saveFile(
        `company-${dayIn('UTC', created_at)}.zip`,
        api.GET('/api/exports/{export_id}/file', {
          params: { path: { export_id } },
          parseAs: 'blob',
        }),
      ),
  })
}

/** Who is signed in reads another company's state from then on. */
export function useLeave() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Input<'/api/cancellations'>) => ok(api.POST('/api/cancellations', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: meQuery.queryKey }),
  })
}
