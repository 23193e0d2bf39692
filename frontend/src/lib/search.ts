// Search parameters that never fail: a wrong value in the address falls back to its default.
import { z } from 'zod/mini'
import { isDay } from './time'

/** One of `values`. Optional in links, always present for the page. */
export const choice = <const T extends readonly [string, ...string[]]>(
  values: T,
  fallback: T[number],
) => z._default(z.catch(z.enum(values), fallback), fallback)

/** Free text, bounded. A number in the address is text as well. */
export const text = () =>
  z.catch(
    z.optional(
      z.pipe(
        z.union([z.string(), z.number()]),
        z.transform((value) => String(value).slice(0, 200) || undefined),
      ),
    ),
    undefined,
  )

export const day = () =>
  z.catch(z.optional(z.string().check(z.refine((value) => isDay(value)))), undefined)
