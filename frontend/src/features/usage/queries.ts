// Where the time went: what the address means, the list and its file.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import { CATEGORIES } from '~/components/categories/categories'
import { addDays, dayIn } from '~/lib/time'
import type { UsageSearch } from './search'

export const KINDS = ['app', 'host', 'category', 'person', 'team'] as const
export type Kind = (typeof KINDS)[number]
/** What a list may be of: of oneself there are neither people nor teams. */
export const kindsFor = (ofOthers: boolean) =>
  KINDS.filter((kind) => ofOthers || (kind !== 'person' && kind !== 'team'))
export const kindOf = ({ by }: UsageSearch, ofOthers: boolean): Kind =>
  kindsFor(ofOthers).find((kind) => kind === by) ?? 'app'

/** By what the list may be sorted; anything else in the address means by time. */
const SORTS = ['seconds', 'people', 'name']
export const sortOf = ({ sort = '-seconds' }: UsageSearch) =>
  SORTS.includes(sort.replace(/^-/, '')) ? sort : '-seconds'

/** No answer covers more days than these. */
export const MOST_DAYS = 366

/** The last 30 days where the address names none, or none that fit together. */
export function rangeOf({ from, to }: UsageSearch, today: string) {
  const last = to ?? today
  const first = from ?? addDays(last, -29)
  return first <= last && addDays(first, MOST_DAYS) > last
    ? { from: first, to: last }
    : { from: addDays(today, -29), to: today }
}

/** Ids that are none would only be refused. */
const idOf = (text: string | undefined) =>
  text && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text) ? text : undefined

/** One line that the server takes, whatever was typed into the address. */
const lineOf = (text: string | undefined, most: number) => text?.trim().slice(0, most) || undefined

/** Seconds of applications, of sites and of categories are counted apart: a list has one of these filters at most. */
export function filterOf(search: UsageSearch, today: string, ofOthers: boolean) {
  const by = kindOf(search, ofOthers)
  const ofOne = by === 'person' || by === 'team'
  const category = ofOne ? CATEGORIES.find((one) => one === search.category) : undefined
  const app = by === 'app' || (ofOne && !category) ? lineOf(search.app, 200) : undefined
  return {
    by,
    ...rangeOf(search, today),
    user_id: ofOthers ? idOf(search.person) : undefined,
    team_id: ofOthers ? idOf(search.team) : undefined,
    without_team: (ofOthers && search.team === 'none') || undefined,
    app,
    host: by === 'host' || (ofOne && !category && !app) ? lineOf(search.host, 200) : undefined,
    category,
    q: lineOf(search.q, 120),
    sort: sortOf(search),
  }
}
export type UsageFilter = ReturnType<typeof filterOf>

export const usageQuery = (filter: UsageFilter, cursor: string | undefined) => {
  const query = { ...filter, cursor }
  return queryOptions({
    queryKey: ['usage', 'breakdown', query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/usage', { params: { query }, signal })),
  })
}

export function exportUsage(filter: UsageFilter, format: 'csv' | 'xlsx') {
  const query = { ...filter, format }
  const call = api.GET('/api/usage/export', { params: { query }, parseAs: 'blob' })
  return saveFile(`usage-${dayIn('UTC')}.${format}`, call)
}
