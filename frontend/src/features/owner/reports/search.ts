// What the address of the reports holds: which report, of which months, in which money.
import { z } from 'zod/mini'
import { choice, text } from '~/lib/search'
import { isMonth } from './months'

export const TABS = ['overview', 'revenue', 'growth', 'plans', 'usage', 'rates'] as const
export type Tab = (typeof TABS)[number]
export const reportsDefaults = { tab: 'overview' } as const

const month = () =>
  z.catch(z.optional(z.string().check(z.refine((value) => isMonth(value)))), undefined)
const currency = () => z.catch(z.optional(z.string().check(z.regex(/^[A-Z]{3}$/))), undefined)

export const reportsSearch = z.object({
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

export type ReportsSearch = z.infer<typeof reportsSearch>
