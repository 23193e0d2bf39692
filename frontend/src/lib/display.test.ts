// How a browser shows times and numbers is its reader's choice, and nothing else's.
import { afterEach, expect, test, vi } from 'vitest'
import { display, showAs } from './display'
import { count, duration } from './format'
import { formatDateTime, formatDay, formatTime } from './time'

const AT = '2026-11-20T23:30:00Z'

afterEach(() => {
  showAs({})
  vi.restoreAllMocks()
})

test('what was chosen is how times and numbers are written, at once', () => {
  showAs({ locale: 'de-DE' })
  expect(formatDay('2026-11-20')).toBe('20. Nov. 2026')
  expect(formatTime(AT, 'Europe/Berlin')).toBe('00:30')
  expect([count(12_345), duration(3600 * 1234)]).toEqual(['12.345', '1.234 h'])
  showAs({ locale: 'en-US' })
  expect(formatDateTime(AT, 'America/New_York')).toContain('06:30 PM')
  expect(count(12_345)).toBe('12,345')
})

test('it is kept in the browser, and forgotten when nothing is chosen', () => {
  showAs({ locale: 'fr-FR', zone: 'Asia/Tokyo' })
  expect(JSON.parse(localStorage.getItem('display') ?? '')).toEqual(display())
  showAs({})
  expect(localStorage.getItem('display')).toBeNull()
})

test('what another tab chose holds here, as far as anybody could have chosen it', () => {
  const tell = (kept: string) => {
    localStorage.setItem('display', kept)
    window.dispatchEvent(new StorageEvent('storage', { key: 'display' }))
    return display()
  }
  expect(tell('{"locale":"nl-NL","zone":"Asia/Tokyo"}')).toEqual({
    locale: 'nl-NL',
    zone: 'Asia/Tokyo',
  })
  for (const broken of [
    '{"locale":"x-klingon","zone":"Mars/Olympus"}',
    'null',
    '"de"',
    '{',
    '{"zone":7}',
  ])
    expect(tell(broken)).toEqual({})
})

test('a browser that keeps nothing says so, and shows it all the same', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  expect(showAs({ locale: 'sv-SE' })).toBe(false)
  expect(display()).toEqual({ locale: 'sv-SE' })
})
