// The vendor's companies: the figures over all of them, one page of the list, and the list as a file.
import { keepPreviousData, queryOptions, useMutation } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { download } from '~/lib/csv'
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

export const useExport = () =>
  useMutation({
    mutationFn: async ({ search, format }: { search: CompaniesSearch; format: 'csv' | 'xlsx' }) => {
      const query = { ...filterOf(search), format }
      const call = api.GET('/api/owner/companies/export', { params: { query }, parseAs: 'blob' })
      // What it is depends on the format; whatever it is, it is saved as it came.
      const file = (await ok<unknown>(call)) as Blob
      download(`companies-${dayIn('UTC')}.${format}`, file, file.type)
    },
  })
