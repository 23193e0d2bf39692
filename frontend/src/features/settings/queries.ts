// What the company decided about recording.
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { Answer, CompanySettings, Input } from '~/api/types'

const PATH = '/api/settings'

export type Settings = CompanySettings
export type RetentionPreview = Answer<`${typeof PATH}/retention-preview`>
export type Changes = Input<typeof PATH, 'patch'>

/** A form begins with what is true now, not half a minute ago. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => ok(api.GET(PATH, { signal })),
  staleTime: 0,
})

/** What the coming night would delete, if so many days were kept. */
export const previewQuery = (screenshot_retention_days: number, usage_retention_days: number) =>
  queryOptions({
    queryKey: ['settings', 'retention', screenshot_retention_days, usage_retention_days],
    placeholderData: keepPreviousData,
    staleTime: 0,
    queryFn: ({ signal }) => {
      const query = { screenshot_retention_days, usage_retention_days }
      return ok(api.GET(`${PATH}/retention-preview`, { params: { query }, signal }))
    },
  })

/** Refused with `precondition_failed` when the settings are not what was seen any more. */
export function useChangeSettings() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ seen, body }: { seen: Settings; body: Changes }) => {
      const { version, plan_has_screenshots, max_retention_days } = seen
      const tag = `"${version}-${plan_has_screenshots}-${max_retention_days}"`
      return ok(api.PATCH(PATH, { params: { header: { 'If-Match': tag } }, body }))
    },
    onSuccess: (after) => {
      cache.setQueryData(['settings'], after)
      // Teams and people follow it.
      void cache.invalidateQueries({ queryKey: ['own-settings'] })
    },
  })
}
