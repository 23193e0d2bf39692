// The form's values, and what of them goes over the wire.
import { addDays, dayIn, formatClock, instantAt } from '~/lib/time'
import type { NewManualTime } from './queries'
import type { ManualTimesSearch } from './search'
import type { Kind } from './words'

export type Values = {
  person: string | null
  day: string
  from: string
  to: string
  kind: Kind
  reason: string
  task: string
}

/** An end that is not after the start is one of the next day. */
export function stretchOf({ day, from, to }: Pick<Values, 'day' | 'from' | 'to'>, zone: string) {
  const ends = to > from ? day : addDays(day, 1)
  return { start: instantAt(day, from, zone), end: instantAt(ends, to, zone) }
}

export function asBody(values: Values, zone: string): NewManualTime {
  const { start, end } = stretchOf(values, zone)
  return {
    started_at: start.toISOString(),
    ended_at: end.toISOString(),
    kind: values.kind,
    reason: values.reason.trim(),
    ...(values.person ? { user_id: values.person } : {}),
    ...(values.task ? { task_id: values.task } : {}),
  }
}

/** What an address says of a stretch, as the form has it; what is no stretch of a day says nothing. */
export function momentsIn({ started, ended, task }: ManualTimesSearch, zone: string) {
  const [start, end] = [Date.parse(started ?? ''), Date.parse(ended ?? '')]
  const known = end > start && end - start <= 86_400_000
  return {
    ...(known
      ? {
          day: dayIn(zone, new Date(start)),
          from: formatClock(start, zone),
          to: formatClock(end, zone),
          kind: 'offline_work' as const,
        }
      : {}),
    ...(task ? { task } : {}),
  }
}
