// The typed client: adds the token, renews it once on 401, and turns every failure into an AppError.
import createClient from 'openapi-fetch'
import { earlyMe } from './early'
import { AppError, asAppError, fromResponse } from './errors'
import type { paths } from './schema'
import { browser, createSession } from './session'

/** Empty when the API serves this app itself; an origin when the app is hosted elsewhere. */
const API_URL = import.meta.env.VITE_API_URL ?? ''

export const session = createSession(browser(API_URL))

async function withToken(request: Request): Promise<Response> {
  const again = request.clone()
  const token = await session.token()
  if (token) request.headers.set('Authorization', `Bearer ${token}`)
  const early = token && isForMe(request) ? await earlyMe(token) : undefined
  const response = early ?? (await globalThis.fetch(request))
  if (response.status !== 401 || !token) return response
  const renewed = await session.tokenAfterRefusal(token)
  if (!renewed) return response
  again.headers.set('Authorization', `Bearer ${renewed}`)
  return globalThis.fetch(again)
}

const isForMe = ({ method, url }: Request) =>
  method === 'GET' && new URL(url).pathname === '/api/me'

/** Calls of somebody signed in. */
export const api = createClient<paths>({ baseUrl: API_URL, fetch: withToken })

/** Calls of nobody in particular: invitations. */
export const open = createClient<paths>({
  baseUrl: API_URL,
  fetch: (request) => globalThis.fetch(request),
})

type Call<T> = Promise<{ data?: T; error?: unknown; response: Response }>

async function succeeded<T>(call: Call<T>): Promise<Awaited<Call<T>>> {
  let result: Awaited<Call<T>>
  try {
    result = await call
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown
    throw asAppError(thrown)
  }
  if (!result.response.ok) throw fromResponse(result.response, result.error)
  return result
}

/** A success that has no body. */
export async function done(call: Call<unknown>): Promise<void> {
  await succeeded(call)
}

/** The body of a success; a failure is thrown, so that the query layer sees it. */
export async function ok<T>(call: Call<T>): Promise<NonNullable<T>> {
  const result = await succeeded(call)
  if (result.data === undefined || result.data === null)
    throw new AppError({ status: result.response.status, title: 'The answer was empty' })
  return result.data
}
