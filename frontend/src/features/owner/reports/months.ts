// Months of UTC as `YYYY-MM`: what the reports count in.
import { dayIn, formatDay } from '~/lib/time'

export type Month = string

export const currentMonth = (now: Date = new Date()): Month => dayIn('UTC', now).slice(0, 7)

const inMonths = (month: Month) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1

export function addMonths(month: Month, by: number): Month {
  const months = inMonths(month) + by
  return `${Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, '0')}`
}

/** How many months `to` is after `from`. */
export const monthsApart = (from: Month, to: Month) => inMonths(to) - inMonths(from)

export const formatMonth = (month: Month, style: 'long' | 'chart' = 'long') =>
  formatDay(`${month}-15`, style === 'long' ? 'month' : 'chartMonth')

/** The longest stretch that one report covers. */
export const MOST_MONTHS = 36
const KNOWN_MONTHS = 60

/** What is asked for, as the server would take it: a stretch that is too long or ends before it begins is cut. */
export function rangeOf(
  search: { from?: Month | undefined; to?: Month | undefined },
  now: Date = new Date(),
): { from: Month; to: Month } {
  const current = currentMonth(now)
  const to = search.to && search.to <= current ? search.to : current
  const from = search.from && search.from <= to ? search.from : addMonths(to, -11)
  return { from: monthsApart(from, to) < MOST_MONTHS ? from : addMonths(to, 1 - MOST_MONTHS), to }
}

/** The months to choose from, the newest first. */
export const lastMonths = (month: Month, many = KNOWN_MONTHS): Month[] =>
  Array.from({ length: many }, (_, by) => addMonths(month, -by))
