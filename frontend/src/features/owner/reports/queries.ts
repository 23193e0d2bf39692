// The owner's reports, and the rates by which currencies are told in one.
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, done, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import type { paths } from '~/api/schema'
import type { ExchangeRate, Input } from '~/api/types'
import { dayIn } from '~/lib/time'
import type { Month } from './months'

export type Range = { from: Month; to: Month }

export const overviewQuery = (range: Range) =>
  queryOptions({
    queryKey: ['reports', 'overview', range],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/owner/reports/overview', { params: { query: range }, signal })),
  })

export const usageQuery = queryOptions({
  queryKey: ['reports', 'usage'],
  queryFn: ({ signal }) => ok(api.GET('/api/owner/reports/usage', { signal })),
})

export const plansReportQuery = (range: Range) =>
  queryOptions({
    queryKey: ['reports', 'plans', range],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/owner/reports/plans', { params: { query: range }, signal })),
  })

export const revenueQuery = (range: Range, currency: string | undefined) =>
  queryOptions({
    queryKey: ['reports', 'revenue', range, currency],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const query = { ...range, ...(currency ? { currency } : {}) }
      return ok(api.GET('/api/owner/reports/revenue', { params: { query }, signal }))
    },
  })

export const growthQuery = (range: Range) =>
  queryOptions({
    queryKey: ['reports', 'growth', range],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/owner/reports/growth', { params: { query: range }, signal })),
  })

/** The newest two hundred: what is offered to be told in, and what the table shows. */
export const ratesQuery = queryOptions({
  queryKey: ['reports', 'rates'],
  queryFn: ({ signal }) =>
    ok(api.GET('/api/owner/exchange-rates', { params: { query: { limit: 200 } }, signal })),
})

type ExportQuery = NonNullable<paths['/api/owner/reports/export']['get']['parameters']['query']>
export type ReportName = ExportQuery['report']
export type ReportFormat = NonNullable<ExportQuery['format']>
export type TableName = NonNullable<ExportQuery['table']>

/** Saves a report as a file. */
export const useExport = () =>
  useMutation({
    mutationFn: async (query: ExportQuery) => {
      const call = api.GET('/api/owner/reports/export', { params: { query }, parseAs: 'blob' })
      const name = [query.report, query.table, dayIn('UTC')].filter(Boolean).join('-')
      await saveFile(`${name}.${query.format ?? 'csv'}`, call)
    },
  })

const RATE = '/api/owner/exchange-rates/{exchange_rate_id}'
const at = (exchange_rate_id: string) => ({ path: { exchange_rate_id } })
const seenAs = (rate: Pick<ExchangeRate, 'id' | 'version'>) => ({
  ...at(rate.id),
  header: { 'If-Match': `"${rate.version}"` },
})

/** A form begins with what is true now, not half a minute ago. */
export const rateQuery = (id: string) =>
  queryOptions({
    queryKey: ['reports', 'rate', id],
    queryFn: ({ signal }) => ok(api.GET(RATE, { params: at(id), signal })),
    staleTime: 0,
    gcTime: 0,
  })

/** Totals that are told in another currency follow the rates. */
function useRateChange<I, O>(work: (input: I) => Promise<O>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: work,
    onSuccess: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: ['reports', 'rates'] }),
        cache.invalidateQueries({ queryKey: ['reports', 'revenue'] }),
      ]),
  })
}

export const useCreateRate = () =>
  useRateChange((body: Input<'/api/owner/exchange-rates'>) =>
    ok(api.POST('/api/owner/exchange-rates', { body })),
  )

export const useChangeRate = () =>
  useRateChange(({ seen, body }: { seen: ExchangeRate; body: Input<typeof RATE, 'patch'> }) =>
    ok(api.PATCH(RATE, { params: seenAs(seen), body })),
  )

export const useDeleteRate = () =>
  useRateChange((seen: ExchangeRate) => done(api.DELETE(RATE, { params: seenAs(seen) })))
