// The vendor's companies: one page of the list, and all of them for the figures on top.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { Company } from '~/api/types'
import type { CompaniesSearch } from './search'

export const companiesQuery = (search: CompaniesSearch) =>
  queryOptions({
    queryKey: ['companies', 'list', search],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const { status, plan, ...rest } = search
      const query = { ...rest, status: status && [status], plan: plan ? [plan] : undefined }
      return ok(api.GET('/api/owner/companies', { params: { query }, signal }))
    },
  })

const PAGE = 200
const AT_MOST_PAGES = 10

/** Every company, for totals. Bounded: beyond it the page says that the totals are of the first ones. */
export const allCompaniesQuery = queryOptions({
  queryKey: ['companies', 'all'],
  queryFn: async ({ signal }) => {
    const items: Company[] = []
    let cursor: string | undefined
    let asOf: string | undefined
    for (let page = 0; page < AT_MOST_PAGES; page += 1) {
      const query = { limit: PAGE, sort: 'name', ...(cursor ? { cursor } : {}) }
      const answer = await ok(api.GET('/api/owner/companies', { params: { query }, signal }))
      items.push(...answer.items)
      asOf = answer.as_of
      cursor = answer.next_cursor ?? undefined
      if (!cursor) break
    }
    return { items, asOf, complete: !cursor }
  },
})
