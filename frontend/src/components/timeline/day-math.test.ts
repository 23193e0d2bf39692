// The arithmetic of a day: axis, lanes, totals; days of 23 and 25 hours among them.
import { describe, expect, test } from 'vitest'
import type { Timeline } from '~/api/types'
import {
  appSpans,
  appsOf,
  axisOf,
  byHour,
  extentOf,
  longestIn,
  momentOf,
  momentText,
  observedSpan,
  sentence,
  sessionSpans,
  sitesOf,
  spanAt,
  tenMinutesAt,
  toSpans,
} from './day-math'

const HOUR = 3_600_000
const zone = 'Europe/Berlin'

function day(over: Partial<Timeline> = {}): Timeline {
  return {
    user: { id: 'u1', name: 'Ada' },
    day: '2026-11-20',
    time_zone: zone,
    from: '2026-11-19T23:00:00Z',
    to: '2026-11-20T23:00:00Z',
    tracked_seconds: 0,
    active_seconds: 0,
    idle_seconds: 0,
    manual_seconds: 0,
    explained_seconds: 0,
    sessions: [],
    private: [],
    manual: [],
    segments: [],
    slots: [],
    applications: [],
    websites: [],
    screenshots: [],
    ...over,
  }
}
const segment = (from: string, to: string, kind: 'active' | 'idle' = 'active') => ({
  kind,
  from: `2026-11-20T${from}:00Z`,
  to: `2026-11-20T${to}:00Z`,
})
const app = (app: string, time: string, seconds: number, title = app) => ({
  app,
  title,
  seconds,
  started_at: `2026-11-20T${time}:00Z`,
})

describe('the axis', () => {
  test('spans whole hours from the first to the last moment', () => {
    const axis = axisOf(day({ segments: [segment('07:55', '09:00'), segment('10:00', '17:05')] }))
    expect(new Date(axis.from).toISOString()).toBe('2026-11-20T07:00:00.000Z')
    expect(new Date(axis.to).toISOString()).toBe('2026-11-20T18:00:00.000Z')
    expect(axis.hours).toHaveLength(12)
  })
  test('is at least eight hours long, and stays inside the day', () => {
    const morning = axisOf(day({ segments: [segment('08:00', '08:20')] }))
    expect(morning.to - morning.from).toBe(8 * HOUR)
    const night = axisOf(day({ segments: [segment('22:10', '22:59')] }))
    expect(new Date(night.to).toISOString()).toBe('2026-11-20T23:00:00.000Z')
    expect(night.to - night.from).toBe(8 * HOUR)
  })
  test('of a day without anything is a working day', () => {
    const axis = axisOf(day())
    expect(new Date(axis.from).toISOString()).toBe('2026-11-20T07:00:00.000Z')
    expect(axis.to - axis.from).toBe(10 * HOUR)
  })
  test('never leaves the day for a session that began before midnight', () => {
    const over = {
      id: 's',
      started_at: '2026-11-19T21:00:00Z',
      device_name: 'pc',
      excluded: false,
      deleted: false,
    }
    const axis = axisOf(day({ sessions: [{ ...over, ended_at: '2026-11-20T02:00:00Z' }] }))
    expect(new Date(axis.from).toISOString()).toBe('2026-11-19T23:00:00.000Z')
  })
  test('has 25 hours on the day on which the clock goes back', () => {
    const axis = axisOf(
      day({
        from: '2026-10-24T22:00:00Z',
        to: '2026-10-25T23:00:00Z',
        segments: [{ kind: 'active', from: '2026-10-24T22:00:00Z', to: '2026-10-25T23:00:00Z' }],
      }),
    )
    expect(axis.hours).toHaveLength(26)
  })
})

test('uses of one application are joined when nothing was between them', () => {
  const spans = appSpans([
    app('Mail', '08:10', 300),
    app('Editor', '08:00', 300),
    app('Editor', '08:05', 240),
    app('Mail', '08:30', 60),
  ])
  expect(spans.map(({ app, from, to }) => [app, (to - from) / 1000])).toEqual([
    ['Editor', 540],
    ['Mail', 300],
    ['Mail', 60],
  ])
})

test('time adds up by application, with the titles behind it, longest first', () => {
  const applications = [
    app('Editor', '08:00', 60, 'a.rs'),
    app('Mail', '08:01', 200, 'Inbox'),
    app('Editor', '08:05', 100, 'b.rs'),
    app('Editor', '08:07', 50, 'a.rs'),
  ]
  expect(appsOf({ applications })).toEqual([
    {
      name: 'Editor',
      seconds: 210,
      parts: [
        { text: 'a.rs', seconds: 110 },
        { text: 'b.rs', seconds: 100 },
      ],
    },
    { name: 'Mail', seconds: 200, parts: [{ text: 'Inbox', seconds: 200 }] },
  ])
})

test('a site without pages has none to show', () => {
  const websites = [{ host: 'docs.test', started_at: '2026-11-20T08:00:00Z', seconds: 30 }]
  expect(sitesOf({ websites })).toEqual([{ name: 'docs.test', seconds: 30, parts: [] }])
})

test('a span ends where the next begins', () => {
  const spans = toSpans([segment('08:00', '09:00'), segment('09:00', '10:00', 'idle')])
  expect(spanAt(spans, Date.parse('2026-11-20T09:00:00Z'))?.kind).toBe('idle')
  expect(spanAt(spans, Date.parse('2026-11-20T10:00:00Z'))).toBeUndefined()
})

test('a day with a running session is not over', () => {
  const session = {
    id: 's',
    started_at: '2026-11-20T08:00:00Z',
    device_name: 'pc',
    excluded: false,
    deleted: false,
  }
  expect(extentOf(day({ sessions: [session], segments: [segment('08:00', '09:00')] }))).toEqual({
    start: '2026-11-20T08:00:00Z',
    end: '2026-11-20T09:00:00Z',
    open: true,
  })
  expect(extentOf(day())).toBeUndefined()
})

test('the day is said in one sentence', () => {
  const said = sentence(
    day({
      tracked_seconds: 7200,
      active_seconds: 6000,
      idle_seconds: 1200,
      segments: [segment('08:00', '10:00')],
    }),
  )
  expect(said).toContain('Ada: 09:00')
  expect(said).toContain('2 h 00 m tracked, 1 h 40 m active, 20 m idle, 0 screenshots')
})

test('pictures are grouped by the hour of the zone, in order', () => {
  const shot = (taken_at: string) => ({ taken_at })
  const groups = byHour(
    [shot('2026-11-20T09:05:00Z'), shot('2026-11-20T08:50:00Z'), shot('2026-11-20T08:10:00Z')],
    zone,
  )
  expect(groups.map(({ items }) => items.map(({ taken_at }) => taken_at.slice(11, 16)))).toEqual([
    ['08:10', '08:50'],
    ['09:05'],
  ])
})

describe('ten minutes', () => {
  // Chatham's midnight is at 11:15 of UTC, and this day has 25 hours: a quarter to three comes twice.
  const chatham = { from: '2026-04-04T10:15:00Z', to: '2026-04-05T11:15:00Z', slots: [] }
  const shown = (at: string, of: Pick<Timeline, 'from' | 'to' | 'slots'> = chatham) => {
    const ten = tenMinutesAt(of, Date.parse(at))
    return ten && [ten.from, ten.to].map(momentText)
  }
  test('are counted from the beginning of the day', () => {
    expect(shown('2026-04-04T10:15:00Z')).toEqual(['2026-04-04T10:15Z', '2026-04-04T10:25Z'])
    expect(shown('2026-04-05T11:14:59Z')).toEqual(['2026-04-05T11:05Z', '2026-04-05T11:15Z'])
  })
  test('end with the day, and there are none outside of it', () => {
    const odd = { ...chatham, to: '2026-04-05T11:19:00Z' }
    expect(shown('2026-04-05T11:17:00Z', odd)).toEqual(['2026-04-05T11:15Z', '2026-04-05T11:19Z'])
    expect(shown('2026-04-05T11:15:00Z')).toBeUndefined()
    expect(shown('2026-04-04T10:14:59Z')).toBeUndefined()
    expect(tenMinutesAt(chatham, momentOf('yesterday'))).toBeUndefined()
  })
  test('are as long as they were observed', () => {
    const minute = { tracked_seconds: 30, active_seconds: 30, keystrokes: 0, mouse_events: 0 }
    const span = observedSpan({
      from: '2026-11-20T08:00:00Z',
      to: '2026-11-20T08:10:00Z',
      tracked_seconds: 60,
      active_seconds: 60,
      minutes: ['08:08', '08:09'].map((time) => ({ ...minute, at: `2026-11-20T${time}:00Z` })),
    })
    expect([span.from, span.to].map(momentText)).toEqual(['2026-11-20T08:08Z', '2026-11-20T08:09Z'])
  })
  test('say what was in front for the longest part', () => {
    const span = {
      from: Date.parse('2026-11-20T08:00:00Z'),
      to: Date.parse('2026-11-20T08:01:00Z'),
    }
    const apps = [app('Mail', '07:59', 80), app('Editor', '08:00', 40), app('Later', '08:01', 60)]
    expect(longestIn(apps, span)?.app).toBe('Editor')
    expect(longestIn(apps.slice(2), span)).toBeUndefined()
  })
})

test('a session over midnight is drawn as far as the day goes, and says that it goes on', () => {
  const night = {
    id: 's',
    started_at: '2026-11-19T21:00:00Z',
    ended_at: '2026-11-20T02:00:00Z',
    device_name: 'pc',
    excluded: false,
    deleted: false,
  }
  const late = { ...night, started_at: '2026-11-20T22:00:00Z', ended_at: '2026-11-21T01:00:00Z' }
  const running = {
    id: 'r',
    started_at: '2026-11-20T08:00:00Z',
    device_name: 'pc',
    excluded: false,
    deleted: false,
  }
  const spans = sessionSpans(
    day({ sessions: [night, late, running], segments: [segment('08:00', '09:00')] }),
  )
  expect(
    spans.map(({ from, to, before, after }) => [momentText(from), momentText(to), before, after]),
  ).toEqual([
    ['2026-11-19T23:00Z', '2026-11-20T02:00Z', true, false],
    ['2026-11-20T22:00Z', '2026-11-20T23:00Z', false, true],
    ['2026-11-20T08:00Z', '2026-11-20T09:00Z', false, false],
  ])
})
