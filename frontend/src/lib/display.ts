// How this browser shows times, days and numbers, where its reader wants other than what is usual. It is kept in the browser, as
// the theme is: somebody who travels with one computer reads another one as ever.
import { useSyncExternalStore } from 'react'

export type Display = {
  /** BCP 47, of dates and numbers; else the browser's. */
  locale?: string
  /** IANA, of clocks; else the company's. Days stay the company's. */
  zone?: string
}

const KEY = 'display'

const isKnown = {
  locale: (name: unknown): name is string =>
    typeof name === 'string' && LOCALES.some((locale) => locale === name),
  zone: (name: unknown): name is string => {
    if (typeof name !== 'string' || !name) return false
    try {
      new Intl.DateTimeFormat('en', { timeZone: name })
      return true
    } catch {
      return false
    }
  },
}

/** What can be chosen for dates and numbers; `Intl` has no list of what it knows. */
export const LOCALES = [
  'cs-CZ',
  'da-DK',
  'de-AT',
  'de-CH',
  'de-DE',
  'en-AU',
  'en-CA',
  'en-GB',
  'en-IE',
  'en-IN',
  'en-US',
  'es-ES',
  'es-MX',
  'fi-FI',
  'fr-CA',
  'fr-FR',
  'hi-IN',
  'hu-HU',
  'it-IT',
  'ja-JP',
  'ko-KR',
  'nb-NO',
  'nl-NL',
  'pl-PL',
  'pt-BR',
  'pt-PT',
  'ro-RO',
  'sv-SE',
  'tr-TR',
  'uk-UA',
  'zh-CN',
] as const

/** What somebody wrote there by hand, or an older page left, is not taken for more than it is. */
function read(): Display {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    const { locale, zone } = (kept ?? {}) as Record<string, unknown>
    return {
      ...(isKnown.locale(locale) ? { locale } : {}),
      ...(isKnown.zone(zone) ? { zone } : {}),
    }
  } catch {
    return {}
  }
}

let shown = read()
const readers = new Set<() => void>()

function tell() {
  for (const reader of readers) reader()
}

export const display = () => shown

/** False where the browser keeps nothing: then it holds until the page is left. */
export function showAs(wanted: Display): boolean {
  shown = wanted
  let kept = true
  try {
    if (wanted.locale || wanted.zone) localStorage.setItem(KEY, JSON.stringify(wanted))
    else localStorage.removeItem(KEY)
  } catch {
    kept = false
  }
  tell()
  return kept
}

// Another tab of the same browser; the tests' own process has none.
globalThis.window?.addEventListener('storage', ({ key }) => {
  if (key !== KEY && key !== null) return
  shown = read()
  tell()
})

function subscribe(reader: () => void) {
  readers.add(reader)
  return () => readers.delete(reader)
}

export const useDisplay = () => useSyncExternalStore(subscribe, display)
