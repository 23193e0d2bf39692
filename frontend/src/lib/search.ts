// Search parameters that never fail: a wrong value in the address falls back to its default. Every page's are known to
// everybody's first chunk, which is why no schema library reads them.
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

/** Reads one parameter; undefined where the address says nothing of use. */
type Field<T> = (value: unknown) => T

type Fields = Record<string, Field<unknown>>
type Optional<F extends Fields> = {
  [K in keyof F]: undefined extends ReturnType<F[K]> ? K : never
}[keyof F]

/** What a page reads: some are always there, others when the address has them. */
type Search<F extends Fields> = {
  [K in Exclude<keyof F, Optional<F>>]: ReturnType<F[K]>
} & { [K in Optional<F>]?: ReturnType<F[K]> }

/** What the address of a page holds. Links may leave everything out. */
export const searchOf = <F extends Fields>(fields: F) => ({
  parse: (search: unknown) =>
    Object.fromEntries(
      Object.entries(fields)
        .map(([name, read]) => [name, read((search as Record<string, unknown>)[name])] as const)
        .filter(([, value]) => value !== undefined),
    ) as Search<F>,
  types: {} as { input: Partial<Search<F>>; output: Search<F> },
})

/** What such an address is read as. */
export type SearchOf<T extends { types: { output: unknown } }> = T['types']['output']

/** On when it is there, off otherwise. */
export const flag =
  () =>
  (value: unknown): boolean =>
    value === true || value === 'true'

/** One of `values`, or none. */
export const anyOf =
  <const T extends readonly string[]>(values: T) =>
  (value: unknown): T[number] | undefined =>
    values.find((known) => known === value)

/** One of `values`. Optional in links, always present for the page. */
export const choice = <const T extends readonly string[]>(values: T, fallback: T[number]) => {
  const read = anyOf(values)
  return (value: unknown): T[number] => read(value) ?? fallback
}

/** Free text, bounded. */
export const text = () => (value: unknown) =>
  (typeof value === 'string' && value.slice(0, 200)) || undefined

const when =
  (fits: (value: string) => boolean) =>
  (value: unknown): string | undefined =>
    typeof value === 'string' && fits(value) ? value : undefined

export const day = () => when(isDay)

/** Text of a known form. */
export const matching = (form: RegExp) => when((value) => form.test(value))
