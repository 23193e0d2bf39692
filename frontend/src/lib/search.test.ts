// A wrong value in the address never breaks a page.
import { expect, test } from 'vitest'
import { z } from 'zod/mini'
import { choice, day, text } from './search'

const schema = z.object({ sort: choice(['name', '-name'], 'name'), q: text(), day: day() })

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

test('a number that was searched for is text, and long text is cut', () => {
  expect(schema.parse({ q: 42 }).q).toBe('42')
  expect(schema.parse({ q: 'x'.repeat(900) }).q).toHaveLength(200)
})
