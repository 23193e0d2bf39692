import { expect, test } from 'vitest'
import type { RevenueMonth, RevenueReport } from '~/api/types'
import { share, shownOf, wayOf } from './money-of'

const month = (name: string, start: number, more: number, less: number): RevenueMonth => ({
  month: name,
  start_minor: start,
  new_minor: more,
  reactivated_minor: 0,
  expansion_minor: 0,
  contraction_minor: 0,
  churned_minor: less,
  end_minor: start + more - less,
})
const MONTHS = [month('2026-01', 0, 900, 0), month('2026-02', 900, 500, 300)]
const own = (currency: string) => ({
  currency,
  mrr_minor: 1100,
  arr_minor: 13_200,
  paying_companies: 2,
  plans: [],
  months: MONTHS,
  cohorts: [],
})
const REPORT: RevenueReport = {
  from: '2026-01',
  to: '2026-02',
  as_of: '2026-03-01T00:00:00Z',
  currencies: [own('EUR'), own('USD')],
  logos: [],
  trials: [],
  cohorts: [],
}
const converted = {
  currency: 'CHF',
  rates_of: '2026-02-28',
  rates: [],
  missing: [],
  months: MONTHS,
}

test('a way over months adds each kind of change up, and ends where the last month does', () => {
  const way = wayOf(MONTHS)
  expect(way.map(({ minor }) => minor)).toEqual([0, 1400, 0, 0, -0, -300, 1100])
  const [start = 0, ...rest] = way.map(({ minor }) => minor)
  const end = rest.pop()
  expect(rest.reduce((sum, step) => sum + step, start)).toBe(end)
  expect(wayOf([])).toEqual([])
})

test('one currency is shown, or all of them in one where there is a whole total', () => {
  expect(shownOf(REPORT, 'USD')?.currency).toBe('USD')
  expect(shownOf(REPORT, 'JPY')?.currency).toBe('EUR')
  expect(shownOf({ ...REPORT, currencies: [] }, 'USD')).toBeUndefined()
  const whole = { ...converted, mrr_minor: 5, arr_minor: 60 }
  expect(shownOf({ ...REPORT, converted: whole }, 'USD')?.currency).toBe('CHF')
  expect(
    shownOf({ ...REPORT, converted: { ...converted, missing: ['EUR'] } }, 'USD')?.currency,
  ).toBe('USD')
})

test('shares have one digit, and nothing has none', () => {
  expect([share(1390), share(0), share(undefined)]).toEqual(['13.9 %', '0.0 %', '–'])
})

test('nobody has to look for the currency in which something is paid', () => {
  const [eur, usd] = [own('EUR'), { ...own('USD'), paying_companies: 3 }]
  const report = { ...REPORT, currencies: [eur, usd] }
  expect(shownOf(report, undefined)?.currency).toBe('USD')
  expect(shownOf(report, 'EUR')?.currency).toBe('EUR')
  expect(shownOf(REPORT, 'GBP')?.currency).toBe('EUR')
})
