import { expect, test } from 'vitest'
import { addMonths, currentMonth, lastMonths, monthsApart, rangeOf } from './months'

const NOW = new Date('2026-11-20T14:20:00Z')

test('months are counted across years, in UTC', () => {
  expect(addMonths('2026-11', 2)).toBe('2027-01')
  expect(addMonths('2026-01', -1)).toBe('2025-12')
  expect(addMonths('2026-12', -12)).toBe('2025-12')
  expect(monthsApart('2025-12', '2026-11')).toBe(11)
  expect(currentMonth(new Date('2026-11-30T23:59:59Z'))).toBe('2026-11')
  expect(lastMonths('2026-02', 3)).toEqual(['2026-02', '2026-01', '2025-12'])
})

test('a range is one that the server takes', () => {
  expect(rangeOf({}, NOW)).toEqual({ from: '2025-12', to: '2026-11' })
  expect(rangeOf({ to: '2026-03' }, NOW)).toEqual({ from: '2025-04', to: '2026-03' })
  expect(rangeOf({ to: '2027-01' }, NOW)).toEqual({ from: '2025-12', to: '2026-11' })
  expect(rangeOf({ from: '2026-06', to: '2026-05' }, NOW)).toEqual({
    from: '2025-06',
    to: '2026-05',
  })
  expect(rangeOf({ from: '2020-01' }, NOW)).toEqual({ from: '2023-12', to: '2026-11' })
})
