// What reports, their groups and their figures are called, and how a figure is written.
import type { Report, ReportColumn } from '~/api/types'
import { count, duration } from '~/lib/format'
import { formatTime } from '~/lib/time'

export type Kind = Report['kind']
export type Dim = Report['group']

const TIMES = ['day', 'week', 'month'] as const satisfies Dim[]
const PEOPLE = ['person', 'team'] as const satisfies Dim[]

/** Each report: its name, the question its chart answers, and what else than people and time it can be grouped by. */
export const KINDS: Record<Kind, { label: string; question: string; item?: Dim }> = {
  hours: { label: 'Hours', question: 'How many hours were tracked?' },
  attendance: { label: 'Attendance', question: 'How many hours were people there?' },
  apps: { label: 'Applications', question: 'How many hours of applications?', item: 'app' },
  sites: { label: 'Sites', question: 'How many hours of sites?', item: 'host' },
  activity: { label: 'Activity', question: 'How many hours were active?' },
  categories: { label: 'Productivity', question: 'How many hours were tracked?' },
  tasks: { label: 'Tasks', question: 'How many hours went into tasks?', item: 'task' },
}
export const isKind = (text: string | null | undefined): text is Kind => !!text && text in KINDS

export const DIMS: Record<Dim, string> = {
  person: 'Employee',
  team: 'Team',
  day: 'Day',
  week: 'Week',
  month: 'Month',
  app: 'Application',
  host: 'Site',
  task: 'Task',
}

/** What a report can be grouped by, what it is about first. An employee is one person of one team. */
export function dimsOf(kind: Kind, isAdmin: boolean): Dim[] {
  const { item } = KINDS[kind]
  return [...(item ? [item] : []), ...(isAdmin ? PEOPLE : []), ...TIMES]
}

export const isTime = (dim: Dim) => TIMES.some((time) => time === dim)

const COLUMNS: Record<string, string> = {
  tracked_seconds: 'Tracked',
  active_seconds: 'Active',
  idle_seconds: 'Idle',
  productive_seconds: 'Productive',
  neutral_seconds: 'Neutral',
  unproductive_seconds: 'Unproductive',
  unclassified_seconds: 'Unclassified',
  seconds: 'Time',
  total_seconds: 'In all',
  estimate_seconds: 'Estimate',
  late_seconds: 'Late by',
  late_days: 'Late days',
  first_at: 'First',
  last_at: 'Last',
  first_clock: 'First, on average',
  last_clock: 'Last, on average',
  active_share: 'Active share',
  keystrokes: 'Keys',
  mouse_events: 'Clicks',
  days: 'Days',
  people: 'People',
  tasks: 'Tasks',
}
export const columnWord = (key: string) => COLUMNS[key] ?? key

export function figure(
  { unit }: ReportColumn,
  value: number | null | undefined,
  zone: string,
): string {
  if (value === null || value === undefined) return '–'
  if (unit === 'seconds') return duration(value)
  if (unit === 'time') return formatTime(new Date(value * 1000), zone)
  // On no day in particular: a clock that never changes.
  if (unit === 'clock') return formatTime(new Date(value * 1000), 'UTC')
  if (unit === 'share') return `${Math.round(value / 100)} %`
  return count(value)
}

/** Times of the day are neither more nor less than others. */
export const canGrow = ({ unit }: ReportColumn) => unit === 'seconds' || unit === 'count'

/** `+12 %`, or nothing where there was nothing before. */
export function change(value: number | null | undefined, before: number | null | undefined) {
  if (!before) return undefined
  const share = Math.round((((value ?? 0) - before) / before) * 100)
  return `${share > 0 ? '+' : share < 0 ? '−' : ''}${Math.abs(share)} %`
}
