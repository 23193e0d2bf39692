// The arithmetic of a day: axis, lanes, totals, and the sentence that says it all.
import type { Slot, Timeline } from '~/api/types'
import { duration, percent, plural } from '~/lib/format'
import { ceilHour, floorHour, formatTime } from '~/lib/time'
import type { Shot } from '../screenshots/shot'

export type Span = { from: number; to: number }
export type Axis = Span & { hours: number[] }
export type AppSpan = Span & { app: string; title: string }
export type Use = { name: string; seconds: number; parts: { text: string; seconds: number }[] }

const HOUR = 3_600_000
/** A shorter day is drawn as this long, so that half an hour does not fill the page. */
const SHORTEST_AXIS = 8 * HOUR
/** Uses of one application this close together are one block. */
const JOIN = 60_000
const SLOT = 600_000
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/

const instant = (text: string) => Date.parse(text)

/** Whole hours from the first to the last recorded moment, inside the day (which may have 23 or 25 hours). */
export function axisOf(
  timeline: Pick<Timeline, 'from' | 'to' | 'segments' | 'sessions' | 'manual' | 'time_zone'>,
): Axis {
  const day = { from: instant(timeline.from), to: instant(timeline.to) }
  const zone = timeline.time_zone
  const inside = (at: number) => Math.min(Math.max(at, day.from), day.to)
  const starts = [
    ...timeline.segments.map(({ from }) => instant(from)),
    ...timeline.sessions.map(({ started_at }) => instant(started_at)),
    ...timeline.manual.map(({ from }) => instant(from)),
  ]
  const ends = [
    ...timeline.segments.map(({ to }) => instant(to)),
    ...timeline.sessions.map(({ ended_at, started_at }) => instant(ended_at ?? started_at)),
    ...timeline.manual.map(({ to }) => instant(to)),
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

/** Sessions as far as they lie in the day; `before` and `after` say where one goes on in its neighbours. */
export function sessionSpans({
  sessions,
  segments,
  from,
  to,
}: Pick<Timeline, 'sessions' | 'segments' | 'from' | 'to'>) {
  const day = { from: instant(from), to: instant(to) }
  return sessions.map(({ id, started_at, ended_at, excluded }) => {
    const start = instant(started_at)
    // What goes on lasts until the last that was recorded.
    const end = instant(ended_at ?? segments.at(-1)?.to ?? started_at)
    return {
      id,
      excluded,
      from: Math.max(start, day.from),
      to: Math.max(start, Math.min(end, day.to)),
      before: start < day.from,
      after: end > day.to,
    }
  })
}

export type TenMinutes = Span & { slot: Slot | undefined }

/** The ten minutes around a moment: fewer where the day ends. They are counted from its beginning, as the server does. */
export function tenMinutesAt(
  timeline: Pick<Timeline, 'from' | 'to' | 'slots'>,
  at: number,
): TenMinutes | undefined {
  const day = { from: instant(timeline.from), to: instant(timeline.to) }
  if (!(at >= day.from && at < day.to)) return undefined
  const from = at - ((at - day.from) % SLOT)
  const slot = timeline.slots.find((one) => instant(one.from) === from)
  return { from, to: Math.min(from + SLOT, day.to), slot }
}

/** What was in front for the longest part of a stretch. */
export function longestIn<T extends { started_at: string; seconds: number }>(
  items: T[],
  { from, to }: Span,
): T | undefined {
  const inside = ({ started_at, seconds }: T) => {
    const start = instant(started_at)
    return Math.min(to, start + seconds * 1000) - Math.max(from, start)
  }
  const touching = items.filter((item) => inside(item) > 0)
  return touching.toSorted((a, b) => inside(b) - inside(a))[0]
}

/** As much of the ten minutes as was observed, from their first observed minute on. */
export function observedSpan({ from, tracked_seconds, minutes }: Slot): Span {
  const start = instant(minutes[0]?.at ?? from)
  return { from: start, to: start + tracked_seconds * 1000 }
}

/** An address holds a moment as `2026-11-20T09:20Z`: an hour that comes twice has two of them. */
export const momentText = (at: number) => `${new Date(at).toISOString().slice(0, 16)}Z`
export const momentOf = (text: string | undefined) =>
  text && MOMENT.test(text) ? instant(text) : Number.NaN

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

/** How much of the time from the first session to the last was observed: what every share of the day is a share of. */
export function coverageOf(timeline: Timeline): string | undefined {
  const extent = extentOf(timeline)
  if (!extent || extent.open) return undefined
  const length = (instant(extent.end) - instant(extent.start)) / 1000
  const share = percent(Math.min(timeline.tracked_seconds, length), length)
  return share && `${share} of ${duration(length)} observed`
}

export const activeShare = (timeline: Pick<Timeline, 'active_seconds' | 'tracked_seconds'>) =>
  percent(timeline.active_seconds, timeline.tracked_seconds)

export function sentence(timeline: Timeline): string {
  const extent = extentOf(timeline)
  const said = timeline.manual_seconds > 0 && `${duration(timeline.manual_seconds)} added by hand`
  if (!extent) return `${timeline.user.name}: ${said || 'nothing recorded'}`
  const clock = (at: string) => formatTime(at, timeline.time_zone)
  return [
    `${timeline.user.name}: ${clock(extent.start)} to ${clock(extent.end)}`,
    `${duration(timeline.tracked_seconds)} tracked`,
    `${duration(timeline.active_seconds)} active`,
    `${duration(timeline.idle_seconds)} idle`,
    ...(said ? [said] : []),
    plural(timeline.screenshots.length, 'screenshot'),
  ].join(', ')
}

/** Pictures by the hour in which they were taken, in order. */
/** The day's pictures with whose they are, what was in front, and how active their ten minutes were. */
export function shotsOf(timeline: Timeline): Shot[] {
  const apps = appSpans(timeline.applications)
  return timeline.screenshots.map((taken) => {
    const at = instant(taken.taken_at)
    const front = spanAt(apps, at)
    const slot = timeline.slots.find(({ from, to }) => instant(from) <= at && at < instant(to))
    return {
      ...taken,
      user_id: timeline.user.id,
      user_name: timeline.user.name,
      app: front?.app,
      title: front?.title,
      tracked_seconds: slot?.tracked_seconds,
      active_seconds: slot?.active_seconds,
    }
  })
}

export function byHour<T extends { taken_at: string }>(pictures: T[], zone: string) {
  const hours = new Map<number, T[]>()
  for (const picture of pictures.toSorted((a, b) => instant(a.taken_at) - instant(b.taken_at))) {
    const hour = floorHour(instant(picture.taken_at), zone)
    hours.set(hour, [...(hours.get(hour) ?? []), picture])
  }
  return [...hours].map(([hour, items]) => ({ hour, items }))
}
