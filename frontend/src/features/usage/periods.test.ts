import { expect, test } from 'vitest'
import { periods, step } from './periods'
import { rangeOf } from './queries'

test('periods are of the calendar, across months and years', () => {
  const of = periods('2026-01-01')
  expect(of['This week']).toEqual({ from: '2025-12-29', to: '2026-01-01' })
  expect(of['Last week']).toEqual({ from: '2025-12-22', to: '2025-12-28' })
  expect(of['This month']).toEqual({ from: '2026-01-01', to: '2026-01-01' })
  expect(of['Last month']).toEqual({ from: '2025-12-01', to: '2025-12-31' })
  expect(of['Last 30 days']).toEqual({ from: '2025-12-03', to: '2026-01-01' })
  expect(periods('2026-11-22')['This week']).toEqual({ from: '2026-11-16', to: '2026-11-22' })
})

test('a step goes by as many days as are shown', () => {
  const week = { from: '2026-03-23', to: '2026-03-29' }
  expect(step(week, -1)).toEqual({ from: '2026-03-16', to: '2026-03-22' })
  expect(step(week, 1)).toEqual({ from: '2026-03-30', to: '2026-04-05' })
  expect(step({ from: '2026-03-29', to: '2026-03-29' }, 1)).toEqual({
    from: '2026-03-30',
    to: '2026-03-30',
  })
})

test('days that do not fit together are the last thirty', () => {
  const last = { from: '2026-10-24', to: '2026-11-22' }
  const today = '2026-11-22'
  const search = (from?: string, to?: string) => rangeOf({ from, to }, today)
  expect(search()).toEqual(last)
  expect(search('2026-11-20', '2026-11-19')).toEqual(last)
  expect(search('2025-01-01', '2026-11-19')).toEqual(last)
  expect(search('2025-11-22', '2026-11-22')).toEqual({ from: '2025-11-22', to: '2026-11-22' })
  expect(search(undefined, '2026-05-30')).toEqual({ from: '2026-05-01', to: '2026-05-30' })
})
