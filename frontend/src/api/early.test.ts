// What boot.js asked for is used once, and never for somebody else.
import { afterEach, expect, test } from 'vitest'
import { earlyMe, earlySession } from './early'

afterEach(() => {
  delete window.early
})

const me = (token: string) => Promise.resolve({ token, response: new Response('{}') })

test('nothing was asked for early: everything is asked for as usual', async () => {
  expect(earlySession()).toBeUndefined()
  expect(await earlyMe('a')).toBeUndefined()
})

test('an answer is taken up once', async () => {
  const session = Promise.resolve(new Response('{}'))
  window.early = { session, me: me('a') }
  expect(earlySession()).toBe(session)
  expect(earlySession()).toBeUndefined()
  expect(await earlyMe('a')).toBeInstanceOf(Response)
  expect(await earlyMe('a')).toBeUndefined()
})

test('who one was before another sign-in is not who one is', async () => {
  window.early = { me: me('before') }
  expect(await earlyMe('after')).toBeUndefined()
  expect(await earlyMe('before')).toBeUndefined()
})

test('a failure is nobody’s answer', async () => {
  window.early = { me: Promise.reject(new TypeError('no network')) }
  expect(await earlyMe('a')).toBeUndefined()
})
