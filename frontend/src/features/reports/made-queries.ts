// Reports that a job makes: asked for, watched, fetched for a day.
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import type { Input, ReportFile } from '~/api/types'
import { dayIn } from '~/lib/time'

const LOOK_AGAIN_MS = 2000

export const isBeingMade = ({ state }: ReportFile) => state === 'queued' || state === 'running'

/** Looks again while one of them is being made. */
export const reportFilesQuery = (cursor: string | undefined) =>
  queryOptions({
    queryKey: ['report-files', { cursor }],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/report-files', { params: { query: { cursor } }, signal })),
    refetchInterval: ({ state }) => (state.data?.items.some(isBeingMade) ? LOOK_AGAIN_MS : false),
  })

export function useMakeFile() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Input<'/api/report-files'>) => ok(api.POST('/api/report-files', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['report-files'] }),
  })
}

export const useFetchFile = () =>
  useMutation({
    mutationFn: ({ id: report_file_id, created_at, format }: ReportFile) =>
      saveFile(
        `report-${dayIn('UTC', created_at)}.${format}`,
        api.GET('/api/report-files/{report_file_id}/file', {
          params: { path: { report_file_id } },
          parseAs: 'blob',
        }),
      ),
  })
