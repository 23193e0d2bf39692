// A wrong value in the address never breaks a page.
import { expect, test } from 'vitest'
import { choice, day, flag, parseSearch, searchOf, stringifySearch, text } from './search'

const schema = searchOf({ sort: choice(['name', '-name'], 'name'), q: text(), day: day() })

test('known values pass', () => {
  expect(schema.parse({ sort: '-name', q: 'ada', day: '2026-11-20' })).toEqual({
    sort: '-name',
    q: 'ada',
    day: '2026-11-20',
  })
})

test('everything else falls back silently', () => {
  const parsed = schema.parse({ sort: 'drop table', q: { a: 1 }, day: '2026-13-40' })
  expect(parsed.sort).toBe('name')
  expect([parsed.q, parsed.day]).toEqual([undefined, undefined])
  expect(schema.parse({}).sort).toBe('name')
})

test('long text is cut', () => {
  expect(schema.parse({ q: 'x'.repeat(900) }).q).toHaveLength(200)
})

test('addresses are plain text, there and back', () => {
  const query = stringifySearch({
    days: '30',
    q: 'a & b=42',
    invite: true,
    off: false,
    no: undefined,
  })
  expect(query).toBe('?days=30&q=a+%26+b%3D42&invite=true')
  expect(parseSearch(query)).toEqual({ days: '30', q: 'a & b=42', invite: 'true' })
  expect(stringifySearch({})).toBe('')
})

test('a flag is on when it says true, and off otherwise', () => {
  const flags = searchOf({ invite: flag() })
  expect(['true', true, 'yes', undefined].map((invite) => flags.parse({ invite }).invite)).toEqual([
    true,
    true,
    false,
    false,
  ])
})
