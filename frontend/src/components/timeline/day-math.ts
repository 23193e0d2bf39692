// The arithmetic of a day: axis, lanes, totals, and the sentence that says it all.
import type { Timeline } from '~/api/types'
import { duration, percent, plural } from '~/lib/format'
import { ceilHour, floorHour, formatTime } from '~/lib/time'

export type Span = { from: number; to: number }
export type Axis = Span & { hours: number[] }
export type AppSpan = Span & { app: string; title: string }
export type Use = { name: string; seconds: number; parts: { text: string; seconds: number }[] }

const HOUR = 3_600_000
/** A shorter day is drawn as this long, so that half an hour does not fill the page. */
const SHORTEST_AXIS = 8 * HOUR
/** Uses of one application this close together are one block. */
const JOIN = 60_000

const instant = (text: string) => Date.parse(text)

/** Whole hours from the first to the last recorded moment, inside the day (which may have 23 or 25 hours). */
export function axisOf(
  timeline: Pick<Timeline, 'from' | 'to' | 'segments' | 'sessions' | 'time_zone'>,
): Axis {
  const day = { from: instant(timeline.from), to: instant(timeline.to) }
  const zone = timeline.time_zone
  const inside = (at: number) => Math.min(Math.max(at, day.from), day.to)
  const starts = [
    ...timeline.segments.map(({ from }) => instant(from)),
    ...timeline.sessions.map(({ started_at }) => instant(started_at)),
  ]
  const ends = [
    ...timeline.segments.map(({ to }) => instant(to)),
    ...timeline.sessions.map(({ ended_at, started_at }) => instant(ended_at ?? started_at)),
  ]
  let from = floorHour(inside(Math.min(...starts, day.from + 24 * HOUR)), zone)
  let to = ceilHour(inside(Math.max(...ends, day.from)), zone)
  if (starts.length === 0) [from, to] = [day.from + 8 * HOUR, day.from + 18 * HOUR]
  if (to - from < SHORTEST_AXIS) to = Math.min(from + SHORTEST_AXIS, day.to)
  if (to - from < SHORTEST_AXIS) from = Math.max(to - SHORTEST_AXIS, day.from)
  const hours: number[] = []
  for (let at = from; at <= to; at += HOUR) hours.push(at)
  return { from, to, hours }
}

/** Blocks of the same application, joined where nothing else was in front between them. */
export function appSpans(applications: Timeline['applications']): AppSpan[] {
  const spans: AppSpan[] = []
  for (const { app, title, started_at, seconds } of byStart(applications)) {
    const from = instant(started_at)
    const to = from + seconds * 1000
    const last = spans.at(-1)
    if (last && last.app === app && from - last.to <= JOIN) last.to = Math.max(last.to, to)
    else spans.push({ app, title, from, to })
  }
  return spans
}

function byStart<T extends { started_at: string }>(items: T[]): T[] {
  return items.toSorted((a, b) => instant(a.started_at) - instant(b.started_at))
}

/** Time by application, each with its window titles, longest first. */
export const appsOf = (timeline: Pick<Timeline, 'applications'>) =>
  grouped(timeline.applications.map(({ app, title, seconds }) => [app, title, seconds]))

/** Time by site, each with its pages; a company may keep neither paths nor titles. */
export const sitesOf = (timeline: Pick<Timeline, 'websites'>) =>
  grouped(
    timeline.websites.map(({ host, path, title, seconds }) => [host, title ?? path ?? '', seconds]),
  )

function grouped(rows: [name: string, part: string, seconds: number][]): Use[] {
  const names = new Map<string, Map<string, number>>()
  for (const [name, part, seconds] of rows) {
    const parts = names.get(name) ?? new Map<string, number>()
    parts.set(part, (parts.get(part) ?? 0) + seconds)
    names.set(name, parts)
  }
  return [...names]
    .map(([name, parts]) => ({
      name,
      seconds: [...parts.values()].reduce((sum, seconds) => sum + seconds, 0),
      parts: [...parts]
        .filter(([text]) => text !== '')
        .map(([text, seconds]) => ({ text, seconds }))
        .toSorted((a, b) => b.seconds - a.seconds),
    }))
    .toSorted((a, b) => b.seconds - a.seconds || a.name.localeCompare(b.name))
}

/** Times are half-open: at its end a span is over. */
export function spanAt<T extends Span>(spans: T[], at: number): T | undefined {
  return spans.find(({ from, to }) => from <= at && at < to)
}

export function toSpans<T extends { from: string; to: string }>(items: T[]) {
  return items.map((item) => ({ ...item, from: instant(item.from), to: instant(item.to) }))
}

export type Extent = { start: string; end: string; open: boolean }

/** When the day's work began and ended; `open` while a session runs. */
export function extentOf({
  sessions,
  segments,
}: Pick<Timeline, 'sessions' | 'segments'>): Extent | undefined {
  const starts = [...sessions.map((one) => one.started_at), ...segments.map((one) => one.from)]
  const ends = [...sessions.map((one) => one.ended_at), ...segments.map((one) => one.to)].filter(
    (end) => end !== undefined && end !== null,
  )
  const start = starts.toSorted((a, b) => instant(a) - instant(b))[0]
  const end = ends.toSorted((a, b) => instant(b) - instant(a))[0]
  if (!start) return undefined
  return { start, end: end ?? start, open: sessions.some((one) => !one.ended_at) }
}

export const activeShare = (timeline: Pick<Timeline, 'active_seconds' | 'tracked_seconds'>) =>
  percent(timeline.active_seconds, timeline.tracked_seconds)

export function sentence(timeline: Timeline): string {
  const extent = extentOf(timeline)
  if (!extent) return `${timeline.user.name}: nothing recorded`
  const clock = (at: string) => formatTime(at, timeline.time_zone)
  return [
    `${timeline.user.name}: ${clock(extent.start)} to ${clock(extent.end)}`,
    `${duration(timeline.tracked_seconds)} tracked`,
    `${duration(timeline.active_seconds)} active`,
    `${duration(timeline.idle_seconds)} idle`,
    plural(timeline.screenshots.length, 'screenshot'),
  ].join(', ')
}

/** Pictures by the hour in which they were taken, in order. */
export function byHour<T extends { taken_at: string }>(pictures: T[], zone: string) {
  const hours = new Map<number, T[]>()
  for (const picture of pictures.toSorted((a, b) => instant(a.taken_at) - instant(b.taken_at))) {
    const hour = floorHour(instant(picture.taken_at), zone)
    hours.set(hour, [...(hours.get(hour) ?? []), picture])
  }
  return [...hours].map(([hour, items]) => ({ hour, items }))
}
