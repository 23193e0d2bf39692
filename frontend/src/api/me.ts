// The signed-in person and their company: asked once, wanted by every page.
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { browserZone } from '~/lib/time'
import { api, ok } from './client'
import type { Me } from './types'

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => ok(api.GET('/api/me', { signal })),
  staleTime: 5 * 60_000,
})

export const useMe = () => useSuspenseQuery(meQuery).data

/** What the signed-in person's company is called in front of its own people; its confirmations ask for its name. */
export const shownName = ({ company }: Me) => company?.branding.name ?? company?.name

/** The zone in which days and times are shown: the company's, or the reader's own for the OWNER. */
export function useZone(): string {
  return useMe().company?.time_zone ?? browserZone()
}
