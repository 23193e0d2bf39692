// One refresh at a time, in one tab and across tabs; nobody goes on with somebody else's pages.
import { beforeEach, expect, test, vi } from 'vitest'
import { createSession, type Surroundings } from './session'

const ANSWER = {
  access_token: 'first',
  expires_in: 600,
  role: 'ADMIN',
  user_id: 'u1',
  company_id: 'c1',
}
type Answer = { status: number; body: unknown }

/** A browser of several tabs: one lock, one channel, one server that answers in order. */
function world(...answers: Answer[]) {
  let queue: Promise<unknown> = Promise.resolve()
  let together = 0
  const seen = {
    calls: [] as string[],
    most: 0,
    now: 0,
    hint: null as string | null,
    headers: [] as Headers[],
  }
  const listeners: { tab: number; listen: (event: MessageEvent) => void }[] = []
  const tab = (number: number): Surroundings => ({
    baseUrl: '',
    now: () => seen.now,
    fetch: async (url, init) => {
      seen.calls.push(url)
      seen.headers.push(new Headers(init.headers))
      together += 1
      seen.most = Math.max(seen.most, together)
      await Promise.resolve()
      together -= 1
      const { status, body } = answers.shift() ?? { status: 401, body: {} }
      return new Response(status === 204 ? null : JSON.stringify(body), { status })
    },
    exclusively: (work) => {
      const mine = queue.then(work)
      queue = mine.catch(() => undefined)
      return mine
    },
    hint: {
      get: () => seen.hint,
      set: (role) => {
        seen.hint = role
      },
    },
    channel: {
      postMessage: (data) => {
        for (const { tab: other, listen } of listeners)
          if (other !== number) listen({ data } as MessageEvent)
      },
      addEventListener: (_: string, listen: unknown) => {
        listeners.push({ tab: number, listen: listen as (event: MessageEvent) => void })
      },
    },
  })
  return { seen, tab }
}

let ended: ReturnType<typeof vi.fn<(ending: string) => void>>
beforeEach(() => {
  ended = vi.fn()
})

test('a stranger is nobody, without an alarm', async () => {
  const { tab } = world({ status: 401, body: {} })
  const session = createSession(tab(1))
  session.onEnd(ended)
  expect(await session.restore()).toBeNull()
  expect(ended).not.toHaveBeenCalled()
})

test('callers at the same time share one refresh', async () => {
  const { seen, tab } = world({ status: 200, body: ANSWER })
  const session = createSession(tab(1))
  const identities = await Promise.all([session.restore(), session.restore(), session.refresh()])
  expect(seen.calls).toEqual(['/api/auth/refresh'])
  expect(seen.headers[0]?.get('x-requested-with')).toBe('tracker')
  expect(new Set(identities.map((identity) => identity?.userId))).toEqual(new Set(['u1']))
})

test('two tabs refresh one after the other', async () => {
  const { seen, tab } = world({ status: 200, body: ANSWER }, { status: 200, body: ANSWER })
  await Promise.all([createSession(tab(1)).refresh(), createSession(tab(2)).refresh()])
  expect(seen.calls).toHaveLength(2)
  expect(seen.most).toBe(1)
})

test('a token about to end is renewed before it is used', async () => {
  const renewed = { ...ANSWER, access_token: 'second' }
  const { seen, tab } = world({ status: 200, body: ANSWER }, { status: 200, body: renewed })
  const session = createSession(tab(1))
  await session.restore()
  expect(await session.token()).toBe('first')
  seen.now = 571_000
  expect(await session.token()).toBe('second')
})

test('after a refusal the token is renewed once, however many calls were refused', async () => {
  const renewed = { ...ANSWER, access_token: 'second' }
  const { seen, tab } = world({ status: 200, body: ANSWER }, { status: 200, body: renewed })
  const session = createSession(tab(1))
  await session.restore()
  expect(await session.tokenAfterRefusal('first')).toBe('second')
  expect(await session.tokenAfterRefusal('first')).toBe('second')
  expect(seen.calls).toHaveLength(2)
})

test('a session that cannot be renewed ends once', async () => {
  const { tab } = world({ status: 200, body: ANSWER }, { status: 401, body: {} })
  const session = createSession(tab(1))
  session.onEnd(ended)
  await session.restore()
  expect(await session.tokenAfterRefusal('first')).toBeNull()
  expect(ended.mock.calls).toEqual([['expired']])
  expect(session.identity()).toBeNull()
})

test('a server in trouble does not sign anybody out', async () => {
  const { tab } = world({ status: 200, body: ANSWER }, { status: 503, body: {} })
  const session = createSession(tab(1))
  session.onEnd(ended)
  await session.restore()
  await expect(session.tokenAfterRefusal('first')).rejects.toMatchObject({ status: 503 })
  expect(ended).not.toHaveBeenCalled()
  expect(session.identity()?.userId).toBe('u1')
})

test('signing out in one tab ends the others', async () => {
  const { tab } = world(
    { status: 200, body: ANSWER },
    { status: 200, body: ANSWER },
    { status: 204, body: null },
  )
  const [one, two] = [createSession(tab(1)), createSession(tab(2))]
  two.onEnd(ended)
  await one.restore()
  await two.restore()
  await one.signOut()
  expect(ended.mock.calls).toEqual([['signed-out']])
  expect(two.identity()).toBeNull()
})

test('somebody else signing in beside us makes this tab forget everything', async () => {
  const other = { ...ANSWER, user_id: 'u2' }
  const { tab } = world({ status: 200, body: ANSWER }, { status: 200, body: other })
  const [one, two] = [createSession(tab(1)), createSession(tab(2))]
  one.onEnd(ended)
  await one.restore()
  await two.signIn({ email: 'b@acme.test', password: 'x' })
  expect(ended.mock.calls).toEqual([['somebody-else']])
})

test('the same person signing in beside us changes nothing', async () => {
  const { tab } = world({ status: 200, body: ANSWER }, { status: 200, body: ANSWER })
  const [one, two] = [createSession(tab(1)), createSession(tab(2))]
  one.onEnd(ended)
  await one.restore()
  await two.signIn({ email: 'a@acme.test', password: 'x' })
  expect(ended).not.toHaveBeenCalled()
})

test('a refresh that answers for somebody else makes this tab forget everything', async () => {
  const other = { ...ANSWER, user_id: 'u2' }
  const { tab } = world({ status: 200, body: ANSWER }, { status: 200, body: other })
  const session = createSession(tab(1))
  session.onEnd(ended)
  await session.restore()
  await session.refresh()
  expect(ended.mock.calls).toEqual([['somebody-else']])
})

test('a refused sign-in says why and signs nobody in', async () => {
  const { tab } = world({ status: 401, body: { title: 'No', code: 'credentials_invalid' } })
  const session = createSession(tab(1))
  await expect(session.signIn({ email: 'a@b.test', password: 'x' })).rejects.toMatchObject({
    code: 'credentials_invalid',
  })
  expect(session.identity()).toBeNull()
})

test('the hint follows the session, so that the next visit knows what to load', async () => {
  const { seen, tab } = world({ status: 200, body: ANSWER }, { status: 204, body: null })
  const session = createSession(tab(1))
  expect(session.expected()).toBe(false)
  await session.restore()
  expect(seen.hint).toBe('ADMIN')
  await session.signOut()
  expect(seen.hint).toBeNull()
})
