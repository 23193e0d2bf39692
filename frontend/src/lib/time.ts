// Days and times in a named zone, through Intl only. A day is a `YYYY-MM-DD` string: it never shifts with the browser's zone.

import { display } from './display'

export type Day = string

const DAY = /^\d{4}-\d{2}-\d{2}$/
const CLOCK: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
}
const cache = new Map<string, Intl.DateTimeFormat>()

function formatter(
  zone: string,
  options: Intl.DateTimeFormatOptions,
  locale: string | undefined = display().locale,
) {
  const key = `${locale ?? ''}|${zone}|${JSON.stringify(options)}`
  let found = cache.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone })
    cache.set(key, found)
  }
  return found
}

export const browserZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone

/** The day that a zone's calendar shows at an instant. */
export function dayIn(zone: string, instant: Date | string = new Date()): Day {
  const at = new Date(instant)
  return formatter(zone, { year: 'numeric', month: '2-digit', day: '2-digit' }, 'en-CA').format(at)
}

export function isDay(text: string): boolean {
  const parsed = DAY.test(text) ? new Date(`${text}T12:00:00Z`) : new Date(Number.NaN)
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text)
}

export function addDays(day: Day, days: number): Day {
  const at = new Date(`${day}T12:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

/** The instant at which a day begins in a zone. */
export const dayStart = (day: Day, zone: string): Date => instantAt(day, '00:00', zone)

/** The instant at which a zone's clock shows `09:30` on a day; where it comes twice, one of both. */
export function instantAt(day: Day, clock: string, zone: string): Date {
  const wall = Date.parse(`${day}T${clock}:00Z`)
  const shown = (at: number) => {
    const parts = formatter(zone, CLOCK, 'en-CA').formatToParts(new Date(at))
    const of = (type: string) => Number(parts.find((part) => part.type === type)?.value)
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'))
  }
  // Twice: the offset found first may be that of the other side of a change of the clocks.
  const guess = wall - (shown(wall) - wall)
  return new Date(guess - (shown(guess) - wall))
}

/** Every day from `from` to `to`, both included. */
export function daysBetween(from: Day, to: Day): Day[] {
  const days: Day[] = []
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day)
  return days
}

/** The last `days` days up to and with `today`; both ends included, as the API takes days. */
export function lastDays(days: number, today: Day): { from: Day; to: Day } {
  return { from: addDays(today, 1 - days), to: today }
}

type DayStyle = 'long' | 'weekday' | 'short' | 'chart' | 'month' | 'chartMonth'
const DAY_STYLES: Record<DayStyle, Intl.DateTimeFormatOptions> = {
  long: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  weekday: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  short: { day: 'numeric', month: 'short', year: 'numeric' },
  chart: { day: 'numeric', month: 'short' },
  month: { month: 'long', year: 'numeric' },
  chartMonth: { month: 'short', year: '2-digit' },
}

export function formatDay(day: Day, style: DayStyle = 'short'): string {
  return formatter('UTC', DAY_STYLES[style]).format(new Date(`${day}T12:00:00Z`))
}

/** The clock in a zone, in the reader's own 12 or 24 hour habit. */
export function formatTime(instant: string | Date, zone: string): string {
  return formatter(zone, { hour: '2-digit', minute: '2-digit' }).format(new Date(instant))
}

/** `09:30`, as fields for times have it in every language. */
export function formatClock(instant: string | number, zone: string): string {
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  return formatter(zone, clock, 'en-GB').format(new Date(instant))
}

export function formatDateTime(instant: string | Date, zone: string): string {
  return formatter(zone, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(instant))
}

export function formatDate(instant: string | Date, zone: string): string {
  return formatter(zone, DAY_STYLES.short).format(new Date(instant))
}

/** From when to when; the day of the end only where it is another one. */
export function stretchWords(
  { started_at, ended_at }: { started_at: string; ended_at: string },
  zone: string,
): string {
  const sameDay = dayIn(zone, started_at) === dayIn(zone, ended_at)
  const end = sameDay ? formatTime(ended_at, zone) : formatDateTime(ended_at, zone)
  return `${formatDate(started_at, zone)}, ${formatTime(started_at, zone)} – ${end}`
}

/** `Europe/Berlin (GMT+1)`: the offset depends on the day. */
export function zoneLabel(zone: string, at: Date = new Date()): string {
  const offset = formatter(zone, { timeZoneName: 'shortOffset' }, 'en')
    .formatToParts(at)
    .find((part) => part.type === 'timeZoneName')?.value
  const name = zone.replaceAll('_', ' ')
  return offset && offset !== zone ? `${name} (${offset})` : name
}

const AGO: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

/** `5 minutes ago`; under a minute, and for clocks that run ahead, `just now`. */
export function ago(
  instant: string,
  now: Date = new Date(),
  style: Intl.RelativeTimeFormatStyle = 'long',
): string {
  const seconds = (now.getTime() - new Date(instant).getTime()) / 1000
  const [unit, length] = AGO.find(([, length]) => seconds >= length) ?? []
  if (!unit || !length) return 'just now'
  return new Intl.RelativeTimeFormat(display().locale, { numeric: 'auto', style }).format(
    -Math.floor(seconds / length),
    unit,
  )
}

/** Minutes and seconds past the full hour on a zone's clock (zones off by 30 or 45 minutes exist). */
function pastHour(at: number, zone: string): number {
  const parts = formatter(zone, { minute: 'numeric', second: 'numeric' }, 'en').formatToParts(at)
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0)
  return (value('minute') * 60 + value('second')) * 1000
}

/** The last full hour at or before an instant, on a zone's clock. */
export function floorHour(at: number, zone: string): number {
  const whole = Math.floor(at / 1000) * 1000
  return whole - pastHour(whole, zone)
}

export function ceilHour(at: number, zone: string): number {
  const floor = floorHour(at, zone)
  return floor === at ? at : floor + 3_600_000
}

export function hourLabel(at: number, zone: string): string {
  return formatter(zone, { hour: 'numeric', minute: '2-digit' }).format(at)
}

export function shortHourLabel(at: number, zone: string): string {
  // Clocks that change by half an hour leave no full hours behind.
  if (pastHour(at, zone) !== 0) return hourLabel(at, zone)
  const text = formatter(zone, { hour: 'numeric' }).format(at)
  return /^\d+$/.test(text) ? `${text.padStart(2, '0')}:00` : text
}

/** Zones for a picker, the reader's own first. */
export function zones(): string[] {
  const own = browserZone()
  const all = Intl.supportedValuesOf('timeZone')
  const rest = (all.includes('UTC') ? all : ['UTC', ...all]).filter((zone) => zone !== own)
  return [own, ...rest]
}
