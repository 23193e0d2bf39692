// The company's reports, added up from made-up days as the server does from recorded ones.
import type { Answer, Employee, Report, SavedReport } from '~/api/types'
import { addDays, dayStart, daysBetween } from '~/lib/time'
import { APP_TOTALS, HOST_TOTALS, makeUse } from './people'
import { id, random } from './random'
import { Refusal } from './server'

type Kind = Report['kind']
type Dim = Report['group']
type Day = { person: Employee; day: string; name: string; seconds: number }
type Column = Report['columns'][number] & { sum: (days: Day[], zone: string) => number | null }

const TASKS = [
  ['Print the catalogue', 90_000],
  ['Answer the tender', 60_000],
  ['Move the archive', 30_000],
] as const
const NAMES: Record<Kind, readonly (readonly [string, number])[]> = {
  hours: [['', 620_000]],
  attendance: [['', 620_000]],
  activity: [['', 620_000]],
  categories: [['', 620_000]],
  apps: APP_TOTALS,
  sites: HOST_TOTALS,
  tasks: TASKS,
}
const ITEM: Partial<Record<Kind, Dim>> = { apps: 'app', sites: 'host', tasks: 'task' }

const total = (days: Day[]) => days.reduce((sum, { seconds }) => sum + seconds, 0)
const share = (part: number) => (days: Day[]) => Math.round(total(days) * part)
/** Minutes after nine at which somebody began. */
const began = ({ person, day }: Day) => random(`${person.id} ${day} came`)(40) - 15
const late = (days: Day[]) => days.map(began).filter((minutes) => minutes > 0)
const at = (day: string, minutes: number, zone: string) =>
  dayStart(day, zone).getTime() / 1000 + minutes * 60
const mean = (all: number[]) =>
  all.length ? Math.round(all.reduce((sum, one) => sum + one, 0) / all.length) : null

function columnsOf(kind: Kind, dims: Dim[]): Column[] {
  const column = (key: string, unit: Column['unit'], sum: Column['sum']): Column => ({
    key,
    unit,
    sum,
  })
  const tracked = column('tracked_seconds', 'seconds', total)
  const active = column('active_seconds', 'seconds', share(0.75))
  const lateSeconds = column('late_seconds', 'seconds', (days) =>
    late(days).reduce((sum, minutes) => sum + minutes * 60, 0),
  )
  const isOneDay = dims.includes('person') && dims.includes('day')
  const own: Record<Kind, Column[]> = {
    hours: [tracked, active, column('idle_seconds', 'seconds', share(0.25))],
    activity: [
      active,
      tracked,
      column('active_share', 'share', (days) => (days.length ? 7500 : null)),
      column('keystrokes', 'count', share(0.9)),
      column('mouse_events', 'count', share(0.2)),
    ],
    attendance: isOneDay
      ? [
          tracked,
          column('first_at', 'time', ([one], zone) =>
            one ? at(one.day, 540 + began(one), zone) : null,
          ),
          column('last_at', 'time', ([one], zone) =>
            one ? at(one.day, 1020 + began(one), zone) : null,
          ),
          lateSeconds,
        ]
      : [
          tracked,
          column('first_clock', 'clock', (days) =>
            mean(days.map((one) => 32_400 + began(one) * 60)),
          ),
          column('last_clock', 'clock', (days) =>
            mean(days.map((one) => 61_200 + began(one) * 60)),
          ),
          column('late_days', 'count', (days) => late(days).length),
          lateSeconds,
        ],
    categories: [
      tracked,
      column('productive_seconds', 'seconds', share(0.5)),
      column('neutral_seconds', 'seconds', share(0.25)),
      column('unproductive_seconds', 'seconds', share(0.125)),
      column('unclassified_seconds', 'seconds', share(0.125)),
    ],
    apps: [column('seconds', 'seconds', total)],
    sites: [column('seconds', 'seconds', total)],
    tasks: dims.includes('task')
      ? [
          tracked,
          column('total_seconds', 'seconds', share(1.5)),
          column('estimate_seconds', 'seconds', (days) =>
            TASKS.filter(([name]) => days.some((day) => day.name === name)).reduce(
              (sum, [, about]) => sum + about / 2,
              0,
            ),
          ),
        ]
      : [tracked, column('tasks', 'count', (days) => new Set(days.map(({ name }) => name)).size)],
  }
  const columns = own[kind]
  const isOfDays = ['hours', 'attendance', 'activity'].includes(kind)
  if (isOfDays && !isOneDay)
    columns.push(
      column('days', 'count', (days) => new Set(days.map((one) => one.person.id + one.day)).size),
    )
  if (!dims.includes('person'))
    columns.push(
      column('people', 'count', (days) => new Set(days.map(({ person }) => person.id)).size),
    )
  return columns
}

function keyOf(dim: Dim, { person, day, name }: Day): Report['items'][number]['group'] {
  const weekday = (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7
  if (dim === 'person') return { id: person.id, name: person.name }
  if (dim === 'team')
    return { ...(person.team_id && { id: person.team_id }), name: person.team ?? '' }
  if (dim === 'day') return { day }
  if (dim === 'week') return { day: addDays(day, -weekday) }
  if (dim === 'month') return { day: `${day.slice(0, 8)}01` }
  return dim === 'task'
    ? { id: `00000000-0000-4000-8000-00000000000${name.length % 10}`, name }
    : { name }
}

type Asked = { people: Employee[]; query: URLSearchParams; today: string; zone: string }

export function companyReport({ people, query, today, zone }: Asked): Answer<'/api/reports'> {
  const kind = (query.get('kind') ?? 'hours') as Kind
  const group = (query.get('group') ?? ITEM[kind] ?? 'person') as Dim
  const sub = (query.get('sub') ?? undefined) as Dim | undefined
  const item = ITEM[kind]
  for (const dim of [group, sub])
    if (dim && ['app', 'host', 'task'].includes(dim) && dim !== item)
      throw new Refusal(422, 'group_invalid')
  const [from, to] = [query.get('from') ?? addDays(today, -29), query.get('to') ?? today]
  const length = daysBetween(from, to).length
  const compares = query.has('compare')
  const before = { from: addDays(from, -length), to: addDays(from, -1) }
  const user = query.get('user_id')
  const team = query.get('team_id')
  const there = people.filter(
    ({ id, team_id }) => id === (user ?? id) && team_id === (team ?? team_id),
  )
  const days = makeUse(there, NAMES[kind], [from, to < today ? to : today])
  const earlier = compares
    ? makeUse(there, NAMES[kind], [before.from, before.to]).map((one) => ({
        ...one,
        day: addDays(one.day, length),
      }))
    : []
  const dims = sub ? [group, sub] : [group]
  const columns = columnsOf(kind, dims)
  const sums = (of: Day[]) => columns.map(({ sum }) => sum(of, zone))
  type Met = {
    group: ReturnType<typeof keyOf>
    sub?: ReturnType<typeof keyOf>
    now: Day[]
    before: Day[]
  }
  const rows = new Map<string, Met>()
  const add = (one: Day, which: 'now' | 'before') => {
    const keys = dims.map((dim) => keyOf(dim, one))
    const name = JSON.stringify(keys)
    const [first, second] = keys
    if (!first) return
    const row = rows.get(name) ?? {
      group: first,
      ...(second && { sub: second }),
      now: [],
      before: [],
    }
    rows.set(name, row)
    row[which].push(one)
  }
  for (const one of days) add(one, 'now')
  for (const one of earlier) add(one, 'before')
  const value = (row: Met) => columns[0]?.sum(row.now, zone) ?? 0
  const ofGroup = new Map<string, number>()
  const groupOf = ({ group: { id, day, name } }: Met) => id ?? day ?? name ?? ''
  for (const row of rows.values())
    ofGroup.set(groupOf(row), (ofGroup.get(groupOf(row)) ?? 0) + value(row))
  const items = [...rows.values()].toSorted((a, b) =>
    a.group.day && b.group.day
      ? a.group.day.localeCompare(b.group.day)
      : query.get('sort') === 'name'
        ? (a.group.name ?? '').localeCompare(b.group.name ?? '')
        : (ofGroup.get(groupOf(b)) ?? 0) - (ofGroup.get(groupOf(a)) ?? 0) ||
          groupOf(a).localeCompare(groupOf(b)) ||
          (a.sub?.day ?? '').localeCompare(b.sub?.day ?? '') ||
          value(b) - value(a),
  )
  const chart_unit = length <= 92 ? 'day' : length <= 200 ? 'week' : 'month'
  const chart = new Map<string, { day: string; value: number; previous?: number }>()
  for (const [of, which] of [
    [days, 'value'],
    [earlier, 'previous'],
  ] as const)
    for (const one of of) {
      const day = keyOf(chart_unit, one).day ?? one.day
      const point = chart.get(day) ?? { day, value: 0, ...(compares && { previous: 0 }) }
      chart.set(day, point)
      point[which] = (point[which] ?? 0) + one.seconds
    }
  const skip = Number(query.get('cursor') ?? 0)
  const limit = Number(query.get('limit') ?? 50)
  return {
    kind,
    group,
    ...(sub && { sub }),
    columns: columns.map(({ key, unit }) => ({ key, unit })),
    items: items.slice(skip, skip + limit).map(({ now, before, ...keys }) => ({
      ...keys,
      values: sums(now),
      ...(compares && { previous: sums(before) }),
    })),
    next_cursor: items.length > skip + limit ? `${skip + limit}` : null,
    totals: sums(days),
    ...(compares && { previous_totals: sums(earlier), previous_days: before }),
    chart_unit,
    chart: [...chart.values()].toSorted((a, b) => a.day.localeCompare(b.day)),
    days: { from, to },
    time_zone: zone,
    has_schedule: true,
  }
}

export function makeSavedReports(now: Date): SavedReport[] {
  const about = { created_by: 'Bruno Keller', updated_at: now.toISOString(), version: 1 }
  return [
    {
      id: id('saved report', 1),
      name: 'Who came late last week',
      report: { kind: 'attendance', period: 'last_week', group: 'person', sub: 'day' },
      shared: true,
      is_mine: false,
      ...about,
    },
  ]
}
