// Who is signed in. The access token lives in memory only; the refresh token is a cookie that scripts cannot read.
import { earlySession } from './early'
import { AppError, asAppError, fromResponse } from './errors'
import type { Input, Role, SignedIn } from './types'

export type Identity = { role: Role; userId: string; companyId: string | undefined }
type Credentials = Input<'/api/auth/sign-in'>
type Message =
  | { kind: 'signed-out' }
  | { kind: 'signed-in'; userId: string; companyId: string | undefined }
/** Why pages must forget what they know. */
export type Ending = 'signed-out' | 'expired' | 'somebody-else'

/** A token this close to its end is renewed before it is used. */
const MARGIN_MS = 30_000

export interface Surroundings {
  baseUrl: string
  fetch: (url: string, init: RequestInit) => Promise<Response>
  now: () => number
  /** Runs `work` while no other tab runs its own: the refresh token may be used once only. */
  exclusively: <T>(work: () => Promise<T>) => Promise<T>
  /** Who was signed in here when the page was last open: a hint for loading, never for access. */
  hint: { get: () => string | null; set: (role: Role | null) => void }
  channel: Pick<BroadcastChannel, 'postMessage' | 'addEventListener'> | undefined
}

export function createSession(world: Surroundings) {
  let current: (Identity & { token: string; expiresAt: number }) | null = null
  let running: Promise<Identity | null> | null = null
  const listeners = new Set<(ending: Ending) => void>()
  const end = (ending: Ending) => {
    current = null
    world.hint.set(null)
    for (const listener of listeners) listener(ending)
  }

  async function post(path: string, body?: unknown): Promise<Response> {
    const headers = new Headers({ 'X-Requested-With': 'tracker' })
    if (body !== undefined) headers.set('Content-Type', 'application/json')
    try {
      return await world.fetch(`${world.baseUrl}${path}`, {
        method: 'POST',
        credentials: 'include',
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch (thrown) {
      throw asAppError(thrown)
    }
  }

  async function adopt(response: Response): Promise<Identity> {
    const body = await response.json().catch(() => null)
    if (!response.ok) throw fromResponse(response, body)
    const answer = body as SignedIn
    const before = current
    current = {
      token: answer.access_token,
      expiresAt: world.now() + answer.expires_in * 1000,
      role: answer.role,
      userId: answer.user_id,
      companyId: answer.company_id ?? undefined,
    }
    world.hint.set(answer.role)
    if (before && !same(before, current))
      for (const listener of listeners) listener('somebody-else')
    return current
  }

  /** A fresh token, or null when nobody is signed in any more. Callers at the same time share one request. */
  function refresh(): Promise<Identity | null> {
    running ??= world
      .exclusively(async () => {
        const response = await post(REFRESH)
        if (response.status !== 401) return adopt(response)
        if (current) end('expired')
        world.hint.set(null)
        return null
      })
      .finally(() => {
        running = null
      })
    return running
  }

  world.channel?.addEventListener('message', (event) => {
    const message = (event as MessageEvent<Message>).data
    if (message.kind === 'signed-out' && current) end('signed-out')
    if (message.kind === 'signed-in' && !(current && same(current, message))) end('somebody-else')
  })

  return {
    identity: (): Identity | null => current,
    refresh,

    /** Whether `restore` will probably find somebody. */
    expected: (): boolean => current !== null || world.hint.get() !== null,

    /** Who is signed in, asking the server when this tab does not know yet. */
    restore: async (): Promise<Identity | null> => current ?? refresh(),

    /** The token to send, renewed when it is about to end. */
    async token(): Promise<string | null> {
      if (current && current.expiresAt - world.now() < MARGIN_MS) await refresh()
      return current?.token ?? null
    },

    /** After a 401 with `used`: a token to try again with, or null. */
    async tokenAfterRefusal(used: string): Promise<string | null> {
      if (!current || current.token === used) await refresh()
      return current?.token ?? null
    },

    async signIn(credentials: Credentials): Promise<Identity> {
      current = null
      const identity = await adopt(await post('/api/auth/sign-in', credentials))
      const { userId, companyId } = identity
      world.channel?.postMessage({ kind: 'signed-in', userId, companyId } satisfies Message)
      return identity
    },

    async signOut(): Promise<void> {
      const response = await post('/api/auth/sign-out')
      if (!response.ok && response.status !== 401)
        throw new AppError({ status: response.status, title: 'Signing out failed' })
      world.channel?.postMessage({ kind: 'signed-out' } satisfies Message)
      end('signed-out')
    },

    onEnd(listener: (ending: Ending) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export type Session = ReturnType<typeof createSession>

function same(
  a: { userId: string; companyId: string | undefined },
  b: { userId: string; companyId: string | undefined },
) {
  return a.userId === b.userId && a.companyId === b.companyId
}

/** boot.js reads it as well. */
const HINT = 'tracker-signed-in'
const REFRESH = '/api/auth/refresh'

// Storage may be switched off; then there is no hint.
function stored(): string | null {
  try {
    return localStorage.getItem(HINT)
  } catch {
    return null
  }
}

function store(role: Role | null) {
  try {
    if (role) localStorage.setItem(HINT, role)
    else localStorage.removeItem(HINT)
  } catch {
    return
  }
}

/** What a browser offers. Web Locks exist in secure contexts only; without them tabs rely on the server's grace. */
export function browser(baseUrl: string): Surroundings {
  return {
    baseUrl,
    fetch: (url, init) =>
      (url === `${baseUrl}${REFRESH}` && earlySession()) || globalThis.fetch(url, init),
    now: () => Date.now(),
    exclusively: (work) =>
      navigator.locks ? navigator.locks.request('tracker-refresh', work) : work(),
    hint: { get: stored, set: store },
    channel:
      typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('tracker-session'),
  }
}
