import { expect, test } from 'vitest'
import { asBody, stretchOf } from './values'

const BERLIN = 'Europe/Berlin'

test('a stretch is of the company’s clock, and one that ends earlier ends the next day', () => {
  const { start, end } = stretchOf({ day: '2026-11-20', from: '09:00', to: '10:30' }, BERLIN)
  expect([start.toISOString(), end.toISOString()]).toEqual([
    '2026-11-20T08:00:00.000Z',
    '2026-11-20T09:30:00.000Z',
  ])
  const night = stretchOf({ day: '2026-11-20', from: '22:00', to: '06:00' }, BERLIN)
  expect(night.end.toISOString()).toBe('2026-11-21T05:00:00.000Z')
})

test('a night in which the clocks change is as long as it was', () => {
  const hours = (day: string) => {
    const { start, end } = stretchOf({ day, from: '22:00', to: '06:00' }, BERLIN)
    return (end.getTime() - start.getTime()) / 3_600_000
  }
  expect([hours('2026-10-24'), hours('2026-03-28'), hours('2026-11-20')]).toEqual([9, 7, 8])
})

test('what was left out is not sent', () => {
  const values = { person: null, day: '2026-11-20', from: '09:00', to: '10:00', task: '' }
  expect(asBody({ ...values, kind: 'call', reason: ' Customer ' }, 'UTC')).toEqual({
    started_at: '2026-11-20T09:00:00.000Z',
    ended_at: '2026-11-20T10:00:00.000Z',
    kind: 'call',
    reason: 'Customer',
  })
})
