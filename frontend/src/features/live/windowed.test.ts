import { expect, test } from 'vitest'
import { rangeOf } from './windowed'

test('rows near the window are drawn, and never none or too many', () => {
  expect(rangeOf(1000, 50, -300, 900)).toEqual({ from: 0, to: 24, height: 50 })
  expect(rangeOf(1000, 50, 25_000, 900)).toEqual({ from: 488, to: 530, height: 50 })
  expect(rangeOf(1000, 50, 49_500, 900)).toEqual({ from: 978, to: 1000, height: 50 })
  // Scrolled past, or not reached: a row stays to measure by.
  expect(rangeOf(1000, 50, 90_000, 900)).toEqual({ from: 999, to: 1000, height: 50 })
  expect(rangeOf(1000, 50, -9_000, 900)).toEqual({ from: 0, to: 1, height: 50 })
  expect(rangeOf(5, 50, 0, 900)).toEqual({ from: 0, to: 5, height: 50 })
})
