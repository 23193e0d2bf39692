// Asks for a page's data while its code is still on the way. Days depend on the company's zone, which comes with `me`.
import type { QueryClient } from '@tanstack/react-query'
import { meQuery } from '~/api/me'
import type { Me } from '~/api/types'
import { browserZone } from './time'

type Prefetch = Parameters<QueryClient['prefetchQuery']>[0]

export async function prefetchInZone(
  cache: QueryClient,
  // biome-ignore lint/suspicious/noExplicitAny: queries of different answers stand in one list
  queries: (zone: string, me: Me) => any[],
): Promise<void> {
  // A failure shows itself where the page asks again.
  const me = await cache.ensureQueryData(meQuery).catch(() => null)
  if (!me) return
  for (const query of queries(me.company?.time_zone ?? browserZone(), me) as Prefetch[])
    void cache.prefetchQuery(query)
}
