// The client adds the token, renews it once, and throws what the server refused.
import { beforeEach, expect, test, vi } from 'vitest'

type Seen = { url: string; token: string | null; body: string }

async function clientWith(answer: (request: Seen) => Response) {
  const seen: Seen[] = []
  vi.stubGlobal('fetch', async (input: RequestInfo, init?: RequestInit) => {
    const request = new Request(input, init)
    const one = {
      url: new URL(request.url).pathname,
      token: request.headers.get('authorization'),
      body: await request.text(),
    }
    seen.push(one)
    return answer(one)
  })
  vi.resetModules()
  return { seen, ...(await import('./client')) }
}

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
const signedIn = (access_token: string) =>
  json(200, { access_token, expires_in: 600, role: 'ADMIN', user_id: 'u1', company_id: 'c1' })

beforeEach(() => {
  vi.unstubAllGlobals()
})

test('a refused call is sent again with a new token and the same body', async () => {
  let tokens = 0
  const { api, ok, session, seen } = await clientWith(({ url, token }) => {
    if (url === '/api/auth/refresh') {
      tokens += 1
      return signedIn(`t${tokens}`)
    }
    return token === 'Bearer t2' ? json(201, { id: 'p1' }) : json(401, { title: 'No' })
  })
  await session.restore()
  const body = { email: 'a@b.test', role: 'EMPLOYEE' } as const
  expect(await ok(api.POST('/api/employees', { body }))).toEqual({ id: 'p1' })
  const calls = seen.filter(({ url }) => url === '/api/employees')
  expect(calls.map(({ token }) => token)).toEqual(['Bearer t1', 'Bearer t2'])
  expect(calls[1]?.body).toBe(JSON.stringify(body))
})

test('a call that is refused with the new token too is not sent a third time', async () => {
  const { api, ok, session, seen } = await clientWith(({ url }) =>
    url === '/api/auth/refresh' ? signedIn('same') : json(401, { title: 'No', code: 'nope' }),
  )
  await session.restore()
  await expect(ok(api.GET('/api/me'))).rejects.toMatchObject({ status: 401 })
  expect(seen.filter(({ url }) => url === '/api/me')).toHaveLength(2)
})

test('a problem is thrown with its code', async () => {
  const { open, ok } = await clientWith(() =>
    json(404, { title: 'Gone', code: 'invitation_invalid' }),
  )
  const call = open.GET('/api/invitations/{token}', { params: { path: { token: 'x' } } })
  await expect(ok(call)).rejects.toMatchObject({ status: 404, code: 'invitation_invalid' })
})

test('no network is told as such', async () => {
  const { open, ok } = await clientWith(() => {
    throw new TypeError('Failed to fetch')
  })
  const call = open.GET('/api/invitations/{token}', { params: { path: { token: 'x' } } })
  await expect(ok(call)).rejects.toMatchObject({ code: 'network' })
})

test('a success without a body is a success, and a refusal is thrown', async () => {
  const { api, done } = await clientWith(({ url }) =>
    url.endsWith('/gone') ? json(404, { title: 'No' }) : new Response(null, { status: 204 }),
  )
  const revoke = (token_id: string) =>
    done(api.DELETE('/api/api-tokens/{token_id}', { params: { path: { token_id } } }))
  await expect(revoke('t1')).resolves.toBeUndefined()
  await expect(revoke('gone')).rejects.toMatchObject({ status: 404 })
})
