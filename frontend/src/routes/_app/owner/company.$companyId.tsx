import { createFileRoute, stripSearchParams } from '@tanstack/react-router'
import { CompanyPage } from '~/features/owner/company/company-page'
import { companyQuery, historyQuery } from '~/features/owner/company/queries'
import { companyDefaults, companySearch } from '~/features/owner/company/search'

export const Route = createFileRoute('/_app/owner/company/$companyId')({
  validateSearch: companySearch,
  search: { middlewares: [stripSearchParams(companyDefaults)] },
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(companyQuery(params.companyId))
    void context.queryClient.prefetchInfiniteQuery(historyQuery(params.companyId))
  },
  component: CompanyPage,
})
