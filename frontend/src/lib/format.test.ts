// Numbers as people read them.
import { expect, test } from 'vitest'
import { bytes, duration, money, percent, plural } from './format'

test('a duration is cut, never rounded up', () => {
  expect([0, 40, 59.9, 60, 3599, 3600, 25_500].map(duration)).toEqual([
    '0 m',
    '40 s',
    '59 s',
    '1 m',
    '59 m',
    '1 h 00 m',
    '7 h 05 m',
  ])
})

test('thousands of hours are told without minutes', () => {
  expect(duration(3_600_059 * 3)).toBe('3,000 h')
})

test('storage counts in thousands, as the plans do', () => {
  expect([0, 999, 1500, 41_200_000_000, 100_000_000_000].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.5 kB',
    '41.2 GB',
    '100 GB',
  ])
})

test('money comes in minor units, and currencies differ in how many there are', () => {
  expect(money(9900, 'USD')).toBe('$99.00')
  expect(money(9900, 'JPY')).toBe('¥9,900')
  expect(money(-0, 'USD')).toBe('$0.00')
})

test('a share of nothing is no number', () => {
  expect(percent(1, 0)).toBeUndefined()
  expect(percent(1, 3)).toBe('33 %')
})

test('one is not many', () => {
  expect([0, 1, 2].map((n) => plural(n, 'person', 'people'))).toEqual([
    '0 people',
    '1 person',
    '2 people',
  ])
})
