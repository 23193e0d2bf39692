import { createFileRoute } from '@tanstack/react-router'
import { dayQuery } from '~/components/timeline/queries'
import { daySearch } from '~/components/timeline/search'
import { UserPage } from '~/features/dashboard/user/user-page'
import { prefetchInZone } from '~/lib/prefetch'
import { dayIn } from '~/lib/time'

export const Route = createFileRoute('/_app/_me/dashboard/user')({
  validateSearch: daySearch,
  loaderDeps: ({ search }) => ({ day: search.day }),
  loader: ({ context: { queryClient }, deps }) => {
    void prefetchInZone(queryClient, (zone, me) => [dayQuery(me.id, deps.day, dayIn(zone))])
  },
  component: UserPage,
})
