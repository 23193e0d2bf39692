// A company's reports: what the address means, the report and its file.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import { dayIn } from '~/lib/time'
import { rangeOf } from '../usage/queries'
import type { ReportsSearch } from './search'
import { dimsOf, isKind, isTime } from './words'

/** Ids that are none would only be refused. */
const idOf = (text: string | undefined) =>
  text && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text) ? text : undefined

export function filterOf(search: ReportsSearch, today: string, isAdmin: boolean) {
  const kind = isKind(search.kind) ? search.kind : 'hours'
  const dims = dimsOf(kind, isAdmin)
  const group = dims.find((dim) => dim === search.group) ?? dims[0] ?? 'day'
  const sub = dims.find((dim) => dim === search.sub && dim !== group)
  return {
    kind,
    ...rangeOf(search, today),
    group,
    sub,
    user_id: isAdmin ? idOf(search.person) : undefined,
    team_id: isAdmin ? idOf(search.team) : undefined,
    compare: search.compare ? ('previous' as const) : undefined,
    sort: search.sort === 'name' && !isTime(group) ? ('name' as const) : undefined,
  }
}
export type ReportFilter = ReturnType<typeof filterOf>

export const reportQuery = (filter: ReportFilter, cursor: string | undefined) => {
  const query = { ...filter, cursor }
  return queryOptions({
    queryKey: ['reports', query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/reports', { params: { query }, signal })),
  })
}

export function exportReport(filter: ReportFilter, format: 'csv' | 'xlsx' | 'pdf') {
  const query = { ...filter, format }
  const call = api.GET('/api/reports/export', { params: { query }, parseAs: 'blob' })
  return saveFile(`report-${filter.kind}-${dayIn('UTC')}.${format}`, call)
}
