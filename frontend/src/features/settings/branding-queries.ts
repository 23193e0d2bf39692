// How the company shows itself to its people.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { meQuery } from '~/api/me'
import type { Answer, Input } from '~/api/types'

const PATH = '/api/branding'
const LOGO = `${PATH}/logo` as const

export type Branding = Answer<typeof PATH>
export type BrandingChanges = Input<typeof PATH, 'patch'>

/** A form begins with what is true now. */
export const brandingQuery = queryOptions({
  queryKey: ['branding', 'form'],
  queryFn: ({ signal }) => ok(api.GET(PATH, { signal })),
  staleTime: 0,
})

/** Of the state that was seen: refused with `precondition_failed` when it is another by now. */
const seenAs = ({ version }: Branding) => ({ header: { 'If-Match': `"${version}"` } })

function useBranding<T>(call: (given: T) => Promise<Branding>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: call,
    onSuccess: (after) => {
      cache.setQueryData(brandingQuery.queryKey, after)
      return cache.invalidateQueries({ queryKey: meQuery.queryKey })
    },
    onError: () => cache.invalidateQueries({ queryKey: brandingQuery.queryKey }),
  })
}

export const useChangeBranding = () =>
  useBranding(({ seen, body }: { seen: Branding; body: BrandingChanges }) =>
    ok(api.PATCH(PATH, { params: seenAs(seen), body })),
  )

export const useChangeLogo = () =>
  useBranding(({ seen, file }: { seen: Branding; file: File }) => {
    const form = new FormData()
    form.append('image', file)
    // The form itself goes out; the types know the file as text.
    const body = { image: file.name }
    return ok(api.PUT(LOGO, { params: seenAs(seen), body, bodySerializer: () => form }))
  })

export const useRemoveLogo = () =>
  useBranding((seen: Branding) => ok(api.DELETE(LOGO, { params: seenAs(seen) })))
