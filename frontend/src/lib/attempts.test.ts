// Another attempt at the same goes with the same key; anything else is new.
import { expect, test } from 'vitest'
import { createAttempts } from './attempts'

test('the same input has the same key until it has succeeded', () => {
  let made = 0
  const attempts = createAttempts(() => `key-${++made}`)
  const key = (input: unknown) => attempts.header(input)['Idempotency-Key']
  expect(key({ reason: 'paid' })).toBe('key-1')
  expect(key({ reason: 'paid' })).toBe('key-1')
  expect(key({ reason: 'other' })).toBe('key-2')
  attempts.succeeded()
  expect(key({ reason: 'other' })).toBe('key-3')
})

test('keys are made by chance', () => {
  const key = () => createAttempts().header({})['Idempotency-Key']
  expect(key()).not.toBe(key())
})
