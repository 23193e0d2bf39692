// Amounts to minor units and back, what is refused before it is sent, and what a form sends.
import { expect, test } from 'vitest'
import type { PlanOfOwner } from '~/api/types'
import {
  changesOf,
  differences,
  faults,
  NEW_TERMS,
  termsOf,
  toMajor,
  toMinor,
  valuesOf,
} from './terms'

const TEAM: PlanOfOwner = {
  id: '1',
  name: 'TEAM',
  max_employees: 20,
  max_storage_gb: 50,
  retention_days: 180,
  history_days: 90,
  features: { screenshots: true, api_access: true, webhooks: false, exports: true },
  prices: [
    { currency: 'EUR', period: 'month', price_minor: 1999 },
    { currency: 'EUR', period: 'year', price_minor: 19990 },
    { currency: 'JPY', period: 'month', price_minor: 3000 },
  ],
  version: 3,
  created_at: '2026-11-20T10:00:00Z',
  updated_at: '2026-11-20T10:00:00Z',
}

test('an amount is taken by its digits, in the units of its currency', () => {
  expect(['19.99', '19,9', '19', ' 0 '].map((text) => toMinor(text, 'EUR'))).toEqual([
    1999, 1990, 1900, 0,
  ])
  expect([toMinor('3000', 'JPY'), toMinor('3000.5', 'JPY')]).toEqual([3000, undefined])
  expect(['', '-1', '1.999', '1e3', 'free'].map((text) => toMinor(text, 'EUR'))).toEqual(
    Array(5).fill(undefined),
  )
  expect(toMinor('99999999999', 'EUR')).toBeUndefined()
  expect([toMajor(1999, 'EUR'), toMajor(5, 'EUR'), toMajor(3000, 'JPY')]).toEqual([
    '19.99',
    '0.05',
    '3000',
  ])
})

test('a form that was not touched sends nothing', () => {
  expect(faults(valuesOf(TEAM))).toEqual({})
  expect(changesOf(TEAM, termsOf(valuesOf(TEAM)))).toEqual({})
})

test('a form sends what is different, prices all together', () => {
  const values = { ...valuesOf(TEAM), max_employees: '25' }
  expect(changesOf(TEAM, termsOf(values))).toEqual({ max_employees: 25 })
  const [euro] = values.prices
  const dearer = { ...values, prices: [{ ...(euro as NonNullable<typeof euro>), month: '24.90' }] }
  expect(changesOf(TEAM, termsOf(dearer)).prices).toEqual([
    { currency: 'EUR', period: 'month', price_minor: 2490 },
    { currency: 'EUR', period: 'year', price_minor: 19990 },
  ])
})

test('a form sends the features that are different, and no others', () => {
  const values = valuesOf(TEAM)
  const features = { ...values.features, api_access: false }
  expect(changesOf(TEAM, termsOf({ ...values, features }))).toEqual({
    features: { api_access: false },
  })
  expect(differences(TEAM, { ...TEAM, features })).toEqual(['API access: no more'])
})

test('what the server would refuse is said at its field', () => {
  expect(faults({ ...NEW_TERMS, name: 'team', history_days: '0' })).toMatchObject({
    name: expect.any(String),
    history_days: expect.any(String),
    'prices.0.month': expect.any(String),
  })
  const twice = { currency: 'EUR', month: '1', year: 'x' }
  const values = { ...NEW_TERMS, name: 'TEAM', prices: [twice, { ...twice, year: '' }] }
  expect(Object.keys(faults(values))).toEqual(['prices.0.year', 'prices.1.currency'])
})

test('what somebody else changed is told in words', () => {
  const theirs = { ...TEAM, max_employees: 30, archived_at: '2026-11-21T10:00:00Z' }
  expect(differences(TEAM, theirs)).toEqual(['Employees: 20 → 30', 'It was archived.'])
  expect(differences(TEAM, TEAM)).toEqual([])
})
