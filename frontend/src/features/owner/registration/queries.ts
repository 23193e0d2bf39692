// Whether companies register themselves, and what such a company begins with.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { Input } from '~/api/types'

const PATH = '/api/owner/registration'

/** A form begins with what is true now, not half a minute ago. */
export const termsQuery = queryOptions({
  queryKey: ['registration', 'terms'],
  queryFn: ({ signal }) => ok(api.GET(PATH, { signal })),
  staleTime: 0,
})

/** Refused with `precondition_failed` when the terms are not what `seen` says any more. */
export function useChangeTerms() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ seen, body }: { seen: number; body: Input<typeof PATH, 'patch'> }) =>
      ok(api.PATCH(PATH, { params: { header: { 'If-Match': `"${seen}"` } }, body })),
    onSettled: () => cache.invalidateQueries({ queryKey: ['registration'] }),
  })
}
