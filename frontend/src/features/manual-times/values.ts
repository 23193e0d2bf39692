// The form's values, and what of them goes over the wire.
import { addDays, instantAt } from '~/lib/time'
import type { NewManualTime } from './queries'
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
