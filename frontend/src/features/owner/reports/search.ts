// What the address of the reports holds: which report, of which months, in which money.
import { choice, matching, type SearchOf, searchOf, text } from '~/lib/search'

export const TABS = ['overview', 'revenue', 'growth', 'plans', 'usage', 'rates'] as const
export type Tab = (typeof TABS)[number]
export const reportsDefaults = { tab: 'overview' } as const

// Written here, as the rest of what is known of months is for the page alone.
const month = () => matching(/^2\d{3}-(0[1-9]|1[0-2])$/)
const currency = () => matching(/^[A-Z]{3}$/)

export const reportsSearch = searchOf({
  tab: choice(TABS, reportsDefaults.tab),
  from: month(),
  to: month(),
  /** The currency that is shown, of several. */
  money: currency(),
  /** All currencies told in this one. */
  in: currency(),
  /** The month whose change is drawn; all of them when absent. */
  step: month(),
  /** The exchange rate whose form is open, or `new`. */
  rate: text(),
})

export type ReportsSearch = SearchOf<typeof reportsSearch>
