import { createFileRoute, stripSearchParams } from '@tanstack/react-router'
import { OwnerDashboardPage } from '~/features/owner/dashboard/dashboard-page'
import { companiesQuery, summaryQuery } from '~/features/owner/dashboard/queries'
import { companiesDefaults, companiesSearch } from '~/features/owner/dashboard/search'

export const Route = createFileRoute('/_app/owner/dashboard')({
  validateSearch: companiesSearch,
  search: { middlewares: [stripSearchParams(companiesDefaults)] },
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => {
    void context.queryClient.prefetchQuery(summaryQuery)
    void context.queryClient.prefetchQuery(companiesQuery(deps))
  },
  component: OwnerDashboardPage,
})
