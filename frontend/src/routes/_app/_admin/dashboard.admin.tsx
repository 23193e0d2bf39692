import { createFileRoute, stripSearchParams } from '@tanstack/react-router'
import { AdminDashboardPage } from '~/features/dashboard/admin/admin-page'
import {
  appsQuery,
  hostsQuery,
  overviewDaysQuery,
  todayQuery,
} from '~/features/dashboard/admin/queries'
import { adminDefaults, adminSearch } from '~/features/dashboard/admin/search'
import { prefetchInZone } from '~/lib/prefetch'
import { dayIn, lastDays } from '~/lib/time'

export const Route = createFileRoute('/_app/_admin/dashboard/admin')({
  validateSearch: adminSearch,
  search: { middlewares: [stripSearchParams(adminDefaults)] },
  loaderDeps: ({ search }) => search,
  loader: ({ context: { queryClient }, deps }) => {
    void queryClient.prefetchQuery(todayQuery)
    void prefetchInZone(queryClient, (zone) => {
      const range = lastDays(Number(deps.days), dayIn(zone))
      return [overviewDaysQuery(range), appsQuery(range), hostsQuery(range)]
    })
  },
  component: AdminDashboardPage,
})
