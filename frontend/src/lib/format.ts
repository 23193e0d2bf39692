// Numbers as people read them.
import { display } from './display'

const COMPACT: Intl.NumberFormatOptions = { notation: 'compact', maximumFractionDigits: 1 }
const ONE_DIGIT: Intl.NumberFormatOptions = { maximumFractionDigits: 1 }
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']
const PLURALS = new Intl.PluralRules('en')

const cache = new Map<string, Intl.NumberFormat>()

function formatter(options: Intl.NumberFormatOptions = {}) {
  const { locale } = display()
  const key = `${locale ?? ''}|${JSON.stringify(options)}`
  let found = cache.get(key)
  if (!found) {
    found = new Intl.NumberFormat(locale, options)
    cache.set(key, found)
  }
  return found
}

export const count = (value: number) => formatter().format(value)
export const compact = (value: number) => formatter(COMPACT).format(value)

/** `7 h 05 m`, `12 m`, `40 s`. Cut, never rounded up: a total is not shown before it is reached. */
export function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  if (minutes === 0 && seconds > 0) return `${Math.floor(seconds)} s`
  const hours = Math.floor(minutes / 60)
  if (hours === 0) return `${minutes} m`
  // Among thousands of hours the minutes say nothing.
  if (hours >= 1000) return `${count(hours)} h`
  return `${count(hours)} h ${String(minutes % 60).padStart(2, '0')} m`
}

export const minutesAsHours = (minutes: number) => duration(minutes * 60)

/** Decimal, as the plans' limits are. */
export function bytes(value: number): string {
  let size = value
  let unit = 0
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${size >= 100 || unit === 0 ? count(Math.round(size)) : formatter(ONE_DIGIT).format(size)} ${UNITS[unit]}`
}

/** A share of a whole; nothing when there is no whole. */
export function percent(part: number, whole: number): string | undefined {
  return whole > 0 ? `${Math.round((part / whole) * 100)} %` : undefined
}

const inCurrency = (currency: string) => formatter({ style: 'currency', currency })

/** Digits behind the point: 2 in EUR, none in JPY. */
export const minorDigits = (currency: string) =>
  /^[A-Z]{3}$/.test(currency)
    ? (inCurrency(currency).resolvedOptions().maximumFractionDigits ?? 2)
    : 2

export function money(minor: number, currency: string): string {
  // What is lost is told as a negative amount: nothing lost has no sign.
  return inCurrency(currency).format((minor || 0) / 10 ** minorDigits(currency))
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${PLURALS.select(value) === 'one' ? one : many}`
}
