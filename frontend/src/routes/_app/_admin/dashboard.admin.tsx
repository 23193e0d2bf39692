import { createFileRoute, stripSearchParams } from '@tanstack/react-router'
import { AdminDashboardPage } from '~/features/dashboard/admin/admin-page'
import { todayQuery } from '~/features/dashboard/admin/queries'
import { adminDefaults, adminSearch } from '~/features/dashboard/admin/search'

export const Route = createFileRoute('/_app/_admin/dashboard/admin')({
  validateSearch: adminSearch,
  search: { middlewares: [stripSearchParams(adminDefaults)] },
  loader: ({ context }) => {
    void context.queryClient.prefetchQuery(todayQuery)
  },
  component: AdminDashboardPage,
})
