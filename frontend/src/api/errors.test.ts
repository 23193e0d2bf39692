// Whatever fails becomes one kind of error that a page can show.
import { expect, test } from 'vitest'
import { AppError, asAppError, fieldErrors, fromResponse } from './errors'

const response = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers })
const problem = { type: 'about:blank', title: 'Refused.', status: 422, code: 'invalid' }

test('a problem keeps its code, words and request id', () => {
  const error = fromResponse(response(422), { ...problem, detail: 'Too long.', request_id: 'r-1' })
  expect(error).toMatchObject({
    status: 422,
    code: 'invalid',
    title: 'Refused.',
    detail: 'Too long.',
    requestId: 'r-1',
  })
})

test('known codes are told in words of our own', () => {
  const error = fromResponse(response(401), { ...problem, code: 'credentials_invalid' })
  expect(error.title).toBe('Sign-in failed')
})

test('an answer that is no problem document still says something', () => {
  expect(fromResponse(response(502), '<html>Bad gateway</html>').title).toBe(
    'The server has a problem',
  )
  expect(fromResponse(response(404), undefined).title).toBe('Not found')
  expect(fromResponse(response(500, { 'x-request-id': 'r-2' }), null).requestId).toBe('r-2')
})

test('waiting times are read from the answer', () => {
  expect(fromResponse(response(429, { 'retry-after': '40' }), problem).retryAfter).toBe(40)
})

test('field errors go to their fields', () => {
  const errors = [
    { pointer: '/admin_email', code: 'email', detail: 'Not an address.' },
    { pointer: '', code: 'body', detail: 'Not for a field.' },
  ]
  expect(fieldErrors(fromResponse(response(422), { ...problem, errors }))).toEqual({
    admin_email: 'Not an address.',
  })
})

test('a lost connection is told apart from a bug', () => {
  expect(asAppError(new TypeError('Failed to fetch')).code).toBe('network')
  expect(asAppError(new Error('undefined is not a function')).code).toBe('unknown')
})

test('only a 403 of the company closes the portal', () => {
  expect(new AppError({ status: 403, code: 'company_suspended' }).companyInactive).toBe(true)
  expect(new AppError({ status: 403, code: 'company_mismatch' }).companyInactive).toBe(false)
  expect(new AppError({ status: 403, code: 'forbidden' }).companyInactive).toBe(false)
})
