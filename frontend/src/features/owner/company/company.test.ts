// What fits into a plan, and days without a row.
import { expect, test } from 'vitest'
import { overLimits } from './limits'
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
