// What is shown of a revenue report: one of its currencies, or all of them told in one.
import type { CurrencyRevenue, RevenueMonth, RevenueReport } from '~/api/types'

export type Shown = {
  currency: string
  mrr: number
  arr: number
  months: RevenueMonth[]
  /** Absent where all currencies are told in one. */
  own?: CurrencyRevenue
}

/** The converted total where one was asked for and there is one; else the currency in the address, or the one that most companies pay in. */
export function shownOf(report: RevenueReport, money: string | undefined): Shown | undefined {
  const { converted } = report
  if (converted?.mrr_minor !== undefined && converted.arr_minor !== undefined)
    return {
      currency: converted.currency,
      mrr: converted.mrr_minor,
      arr: converted.arr_minor,
      months: converted.months,
    }
  const [most] = report.currencies.toSorted((a, b) => b.paying_companies - a.paying_companies)
  const own = report.currencies.find(({ currency }) => currency === money) ?? most
  return (
    own && {
      currency: own.currency,
      mrr: own.mrr_minor,
      arr: own.arr_minor,
      months: own.months,
      own,
    }
  )
}

const PARTS = [
  ['new_minor', 'New', 1],
  ['reactivated_minor', 'Reactivated', 1],
  ['expansion_minor', 'Expansion', 1],
  ['contraction_minor', 'Contraction', -1],
  ['churned_minor', 'Churned', -1],
] as const

export type Way = { name: string; minor: number; kind: 'sum' | 'more' | 'less' }[]

/** From the MRR at the start to the one at the end; of several months each kind of change is added up. */
export function wayOf(months: RevenueMonth[]): Way {
  const [first, last] = [months[0], months.at(-1)]
  if (!first || !last) return []
  return [
    { name: 'Start', minor: first.start_minor, kind: 'sum' },
    ...PARTS.map(([part, name, sign]) => ({
      name,
      minor: sign * months.reduce((sum, month) => sum + month[part], 0),
      kind: sign > 0 ? ('more' as const) : ('less' as const),
    })),
    { name: 'End', minor: last.end_minor, kind: 'sum' },
  ]
}

/** Hundredths of a per cent. */
export const share = (bp: number | undefined) =>
  bp === undefined ? '–' : `${(bp / 100).toFixed(1)} %`
