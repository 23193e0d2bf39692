// What fits into a plan, what another one changes, when a period ends, and days without a row.
import { expect, test } from 'vitest'
import type { Overrides } from '~/api/types'
import { asDetail, makeCompanies, makePlans } from '~/mocks/companies'
import { overLimits } from './limits'
import { remaining } from './remaining'
import { canActivate, canRenew, isDowngrade, periodAfter, preview } from './terms'
import { filled } from './usage-card'

test('a plan that is too small says by what', () => {
  const plan = { max_employees: 5, max_storage_gb: 10 }
  expect(overLimits({ employees_active: 5, storage_bytes: 10_000_000_000 }, plan)).toEqual([])
  expect(overLimits({ employees_active: 18, storage_bytes: 41_200_000_000 }, plan)).toEqual([
    'Too small: 18 employees now',
    'Too small: 41.2 GB stored now',
  ])
})

test('a day without a row is a day with nothing', () => {
  const row = {
    day: '2026-10-25',
    active_employees: 2,
    sessions: 3,
    active_minutes: 100,
    screenshots: 4,
    storage_bytes: 5,
    events: 6,
  }
  const days = filled([row], '2026-10-24', '2026-10-26')
  expect(days.map(({ day, active_minutes }) => [day, active_minutes])).toEqual([
    ['2026-10-24', 0],
    ['2026-10-25', 100],
    ['2026-10-26', 0],
  ])
})

test('a period ends on the same day of the month, or on its last one', () => {
  const after = (start: string, period: 'month' | 'year') =>
    periodAfter(new Date(start), period).toISOString()
  expect(after('2026-11-21T10:00:00Z', 'month')).toBe('2026-12-21T10:00:00.000Z')
  expect(after('2026-01-31T10:00:00Z', 'month')).toBe('2026-02-28T10:00:00.000Z')
  expect(after('2028-02-29T10:00:00Z', 'year')).toBe('2029-02-28T10:00:00.000Z')
})

const [free, pro, enterprise] = makePlans().map((plan) => ({ ...plan, companies: 0 }))
const acme = asDetail(makeCompanies(new Date('2026-11-21T10:00:00Z'))[0] as never)
const limit = (value: number, source: 'plan' | 'override' = 'plan') => ({
  value,
  plan_value: value,
  source,
})
const feature = (value: boolean) => ({ value, plan_value: value, source: 'plan' as const })
const OWN: Overrides = {
  plan: 'PRO',
  max_employees: limit(80, 'override'),
  max_storage_gb: limit(100),
  retention_days: limit(365),
  history_days: limit(365),
  screenshots: feature(true),
  api_access: feature(true),
  webhooks: feature(true),
  exports: feature(true),
  version: '1',
}

test('another plan is shown with what it changes, and agreements of the company’s own stay', () => {
  if (!free || !pro || !enterprise) throw new Error('no plans')
  const lines = preview(acme, OWN, free, 'month')
  const of = (key: string) => lines.find((line) => line.key === key)
  expect(of('price')).toMatchObject({ before: '$99.00 a month', after: '$0.00 a month' })
  expect(of('price')?.difference).toBe('−$99.00 a month')
  expect(of('max_employees')).toMatchObject({ before: '80', after: '80', difference: '–' })
  expect(of('max_storage_gb')).toMatchObject({ before: '100', after: '10', difference: '−90' })
  expect(of('api_access')).toMatchObject({ after: 'Not included', difference: 'lost' })
  expect(of('exports')).toBeUndefined()
  // A year is compared by the month.
  expect(preview(acme, OWN, pro, 'year')[0]?.difference).toBe('−$16.50 a month')
  expect(isDowngrade(acme, OWN, free, 'month')).toBe(true)
  expect(isDowngrade(acme, OWN, enterprise, 'month')).toBe(false)
})

test('who was never paid for is activated, who was is renewed', () => {
  const states = [
    { status: 'TRIAL' as const },
    { status: 'ACTIVE' as const },
    { status: 'EXPIRED' as const },
    { status: 'EXPIRED' as const, expires_at: '2026-11-01T00:00:00Z' },
    { status: 'SUSPENDED' as const },
    { status: 'CANCELLED' as const },
  ]
  expect(states.map(canActivate)).toEqual([true, false, true, false, false, false])
  expect(states.map(canRenew)).toEqual([false, true, false, true, false, false])
})

test('what is left is told in two units, and to the second at the end', () => {
  const left = [7 * 86_400_000, 3_600_000 * 23 + 59_000 * 60, 61_000, 59_000, 1, 0, -5].map(
    remaining,
  )
  expect(left).toEqual(['7 d 00 h', '23 h 59 m', '1 m 01 s', '59 s', '1 s', '0 s', '0 s'])
})
