// What the company decided about recording.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { CompanySettings, Input } from '~/api/types'

const PATH = '/api/settings'

export type Settings = CompanySettings
export type Changes = Input<typeof PATH, 'patch'>

/** A form begins with what is true now, not half a minute ago. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => ok(api.GET(PATH, { signal })),
  staleTime: 0,
})

/** Refused with `precondition_failed` when the settings are not what was seen any more. */
export function useChangeSettings() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ seen, body }: { seen: Settings; body: Changes }) => {
      const tag = `"${seen.version}-${seen.plan_has_screenshots}"`
      return ok(api.PATCH(PATH, { params: { header: { 'If-Match': tag } }, body }))
    },
    onSuccess: (after) => cache.setQueryData(['settings'], after),
  })
}
