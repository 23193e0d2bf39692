// The mock API: handlers typed by the generated `paths`, an in-memory world, the refusals of the real server.
// Serves `npm run dev:mock` (vite-plugin.ts) and the browser tests (page.route); nothing of it is in a build.
import type { Problem } from '~/api/errors'
import type { paths } from '~/api/schema'
import type { Answer, Input } from '~/api/types'

export type Reply = { status: number; headers: Record<string, string>; body: string }
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly more: Partial<Problem> & { retryAfter?: number } = {},
  ) {
    super(code)
  }
}

type Raw = { type: string; text: string }
export class Picture {
  constructor(readonly raw: Raw) {}
}

export type Call<P extends keyof paths, M extends Method> = {
  path: (name: string) => string
  query: URLSearchParams
  body: Input<P, M>
  token: string | undefined
  /** The version that `If-Match` names. */
  seen: string | undefined
}
type Handler<P extends keyof paths, M extends Method> = (
  call: Call<P, M>,
) => Answer<P, M> | Picture | undefined

type Route = {
  method: Method
  pattern: RegExp
  names: string[]
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: `on` checks each handler against its own path
  run: (call: any) => unknown
}

const TITLES: Record<number, string> = {
  400: 'The request could not be read.',
  401: 'Sign in first.',
  403: 'Your role may not do this.',
  404: 'There is no such thing here.',
  409: 'That is not possible now.',
  410: 'This link was used.',
  412: 'Somebody has changed it in between.',
  422: 'The request does not say what it should.',
  428: 'Say with If-Match which state of it you saw.',
  429: 'Too many attempts.',
  500: 'Something broke on our side.',
}

export function createRouter() {
  const routes: Route[] = []
  let requests = 0

  function on<P extends keyof paths, M extends Method>(
    method: M,
    path: P,
    run: Handler<P, M>,
    status = 200,
  ) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
    const pattern = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`)
    routes.push({ method, pattern, names, status, run })
  }

  function handle(
    method: string,
    url: string,
    body: string | null,
    token?: string,
    ifMatch?: string,
    ifNoneMatch?: string,
  ): Reply {
    requests += 1
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    const route = routes.find(
      (candidate) => candidate.method === method.toLowerCase() && candidate.pattern.test(pathname),
    )
    try {
      if (!route) throw new Refusal(404, 'not_found')
      const values = route.pattern.exec(pathname)?.slice(1) ?? []
      const answer = route.run({
        path: (name: string) => decodeURIComponent(values[route.names.indexOf(name)] ?? ''),
        query: searchParams,
        // A form with a file is nothing that handlers read.
        body: body && /^\s*[[{]/.test(body) ? JSON.parse(body) : undefined,
        token,
        seen: ifMatch?.replaceAll('"', ''),
      })
      const reply = success(route.status, answer)
      return method.toLowerCase() === 'get' ? tagged(reply, ifNoneMatch) : reply
    } catch (thrown) {
      return problem(thrown, `req-${String(requests).padStart(6, '0')}`)
    }
  }
  return { on, handle }
}

function success(status: number, answer: unknown): Reply {
  if (answer instanceof Picture)
    return { status, headers: { 'content-type': answer.raw.type }, body: answer.raw.text }
  if (answer === undefined) return { status: 204, headers: {}, body: '' }
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(answer),
  }
}

/** Whoever has the answer already is not sent it again. */
function tagged(reply: Reply, known: string | undefined): Reply {
  let hash = 0
  for (const letter of reply.body) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0
  const etag = `W/"${hash.toString(16)}"`
  const headers = { ...reply.headers, etag }
  return known === etag ? { status: 304, headers: { etag }, body: '' } : { ...reply, headers }
}

export function problem(thrown: unknown, request_id: string): Reply {
  const { status, code, more } =
    thrown instanceof Refusal ? thrown : new Refusal(500, 'internal', { detail: String(thrown) })
  const { retryAfter, ...rest } = more
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfter ? { 'retry-after': String(retryAfter) } : {}),
    },
    body: JSON.stringify({
      type: 'about:blank',
      title: TITLES[status] ?? 'Refused',
      status,
      code,
      request_id,
      ...rest,
    }),
  }
}
