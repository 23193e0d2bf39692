// The signed-in person and their company: asked once, wanted by every page.
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useDisplay } from '~/lib/display'
import { browserZone, type Day, dayIn } from '~/lib/time'
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

/** The zone whose days are counted: the company's, or the reader's own for the OWNER. */
export function useDayZone(): string {
  return useMe().company?.time_zone ?? browserZone()
}

/** The day that it is now. */
export const useToday = (): Day => dayIn(useDayZone())

/** The zone in which clocks are shown: what the reader chose, else that of the days. */
export function useZone(): string {
  const ofDays = useDayZone()
  return useDisplay().zone ?? ofDays
}

/** What is of days with a zone of their own, with its clocks as the reader wants them. */
export function useClocks<T extends { time_zone: string } | undefined>(of: T): T {
  const { zone } = useDisplay()
  return useMemo(() => (of && zone ? { ...of, time_zone: zone } : of), [of, zone])
}
