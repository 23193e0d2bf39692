import { expect, test } from 'vitest'
import { AppError } from '~/api/errors'
import { pauseAfter } from './queries'

const polled = { error: null, dataUpdatedAt: 1_000_000, errorUpdatedAt: 0 }

test('it is asked every quarter of a minute, not by everybody at once', () => {
  for (const dataUpdatedAt of [1_000_000, 1_000_999, 1_002_400]) {
    const pause = pauseAfter({ ...polled, dataUpdatedAt })
    expect(pause).toBeGreaterThanOrEqual(15_000)
    expect(pause).toBeLessThan(18_000)
    // A page that draws itself anew does not wait anew.
    expect(pauseAfter({ ...polled, dataUpdatedAt })).toBe(pause)
  }
  expect(pauseAfter({ ...polled, dataUpdatedAt: 1_000_999 })).not.toBe(pauseAfter(polled))
})

test('it waits as long as the server asks', () => {
  const error = new AppError({ status: 429, retryAfter: 40 })
  const pause = pauseAfter({ ...polled, error, errorUpdatedAt: 1_020_000 })
  expect(pause).toBeGreaterThanOrEqual(40_000)
  expect(pause).toBeLessThan(43_000)
})

test('and where it says nothing, longer with each failure, two minutes at most', () => {
  const error = new AppError({ status: 500 })
  const after = (seconds: number) =>
    Math.floor(pauseAfter({ ...polled, error, errorUpdatedAt: 1_000_000 + seconds * 1000 }) / 3000)
  expect([after(5), after(30), after(60), after(3600)]).toEqual([5, 10, 20, 40])
  expect(pauseAfter({ error, dataUpdatedAt: 0, errorUpdatedAt: 9_000 })).toBe(15_000)
})
