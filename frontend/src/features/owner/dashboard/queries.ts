// The vendor's companies: the figures over all of them, one page of the list, and the list as a file.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import { dayIn } from '~/lib/time'
import type { CompaniesSearch } from './search'

export const summaryQuery = queryOptions({
  queryKey: ['companies', 'summary'],
  queryFn: ({ signal }) => ok(api.GET('/api/owner/summary', { signal })),
})

const filterOf = ({ q, status, plan, sort }: CompaniesSearch) => ({
  q,
  status: status && [status],
  plan: plan ? [plan] : undefined,
  sort,
})

export const companiesQuery = (search: CompaniesSearch) =>
  queryOptions({
    queryKey: ['companies', 'list', search],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const query = { ...filterOf(search), cursor: search.cursor }
      return ok(api.GET('/api/owner/companies', { params: { query }, signal }))
    },
  })

export function exportCompanies(search: CompaniesSearch, format: 'csv' | 'xlsx') {
  const query = { ...filterOf(search), format }
  const call = api.GET('/api/owner/companies/export', { params: { query }, parseAs: 'blob' })
  return saveFile(`companies-${dayIn('UTC')}.${format}`, call)
}
