// Search parameters that never fail: a wrong value in the address falls back to its default.
import { z } from 'zod/mini'
import { isDay } from './time'

/** Addresses are read and written as plain text: `?days=30`, not `?days="30"`. */
export const parseSearch = (query: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(query))

export function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(search))
    if (value !== undefined && value !== '' && value !== false) query.set(name, String(value))
  const text = query.toString()
  return text && `?${text}`
}

/** On when it is there, off otherwise. */
export const flag = () =>
  z._default(
    z.catch(
      z.pipe(
        z.union([z.boolean(), z.string()]),
        z.transform((value) => value === true || value === 'true'),
      ),
      false,
    ),
    false,
  )

/** One of `values`. Optional in links, always present for the page. */
export const choice = <const T extends readonly [string, ...string[]]>(
  values: T,
  fallback: T[number],
) => z._default(z.catch(z.enum(values), fallback), fallback)

/** Free text, bounded. */
export const text = () =>
  z.catch(
    z.optional(
      z.pipe(
        z.string(),
        z.transform((value) => value.slice(0, 200) || undefined),
      ),
    ),
    undefined,
  )

export const day = () =>
  z.catch(z.optional(z.string().check(z.refine((value) => isDay(value)))), undefined)

/** Text of a known form. */
export const matching = (form: RegExp) =>
  z.catch(z.optional(z.string().check(z.refine((value) => form.test(value)))), undefined)
