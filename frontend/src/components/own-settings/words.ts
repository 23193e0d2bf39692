// Settings in words.
import type { EffectiveSettings } from '~/api/types'
import { count, duration } from '~/lib/format'

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
export const [MIDNIGHT, LAST_SECOND] = ['00:00:00', '23:59:59'] as const

type Hours = { days: number[]; from: string; to: string }

export const yes = (value: boolean) => (value ? 'Yes' : 'No')

export function hoursInWords({ days, from, to }: Hours): string {
  const all = days.length === WEEKDAYS.length
  const on = all ? 'Every day' : days.map((day) => WEEKDAYS[day - 1]).join(', ')
  const allDay = from === MIDNIGHT && to === LAST_SECOND
  return `${on}, ${allDay ? 'all day' : `${from.slice(0, 5)} to ${to.slice(0, 5)}`}`
}

/** The name of each that a team or a person may have other than the company. */
export const NAMES = {
  tracking_hours: 'Days and hours',
  idle_threshold_seconds: 'Idle after',
  record_titles: 'Titles of windows and pages',
  record_paths: 'Paths of pages',
  screenshots_enabled: 'Screenshots',
  screenshot_interval_seconds: 'A screenshot every',
  blur_screenshots: 'Screenshots are blurred',
}

export type Own = keyof typeof NAMES
export type Row = { key: string; name: string; value: string; source: string }

export function rowsOf(values: EffectiveSettings): Row[] {
  const of = (key: string, name: string, value: string, source: string): Row => ({
    key,
    name,
    value,
    source,
  })
  const flag = (
    key: 'screenshots_enabled' | 'blur_screenshots' | 'record_titles' | 'record_paths',
  ) => of(key, NAMES[key], yes(values[key].value), values[key].source)
  const seconds = (key: 'screenshot_interval_seconds' | 'idle_threshold_seconds') =>
    of(key, NAMES[key], duration(values[key].value), values[key].source)
  const { tracking_hours, time_zone, redaction_rules, originals_shown } = values
  const { employees_may_delete_screenshots: may_delete } = values
  return [
    of(
      'tracking_hours',
      NAMES.tracking_hours,
      hoursInWords(tracking_hours.value),
      tracking_hours.source,
    ),
    of('time_zone', 'Time zone', time_zone.value, time_zone.source),
    seconds('idle_threshold_seconds'),
    flag('record_titles'),
    flag('record_paths'),
    of(
      'redaction_rules',
      'Patterns taken out of titles',
      count(redaction_rules.value),
      redaction_rules.source,
    ),
    flag('screenshots_enabled'),
    seconds('screenshot_interval_seconds'),
    flag('blur_screenshots'),
    of(
      'originals_shown',
      'Admins may open originals',
      yes(originals_shown.value),
      originals_shown.source,
    ),
    of('may_delete', 'May delete own screenshots', yes(may_delete.value), may_delete.source),
  ]
}

/** What a line of the list has of its own. */
export function ownInWords(own: Partial<Record<string, unknown>>): string {
  const named = (Object.keys(NAMES) as Own[]).filter((key) =>
    key === 'tracking_hours' ? own.tracking_days != null : own[key] != null,
  )
  return named.map((key) => `${NAMES[key]}: ${valueInWords(key, own)}`).join('; ')
}

function valueInWords(key: Own, own: Partial<Record<string, unknown>>): string {
  if (key === 'tracking_hours') {
    const { tracking_days: days, tracking_from: from, tracking_to: to } = own
    return hoursInWords({ days: days as number[], from: String(from), to: String(to) })
  }
  const value = own[key]
  return typeof value === 'number' ? duration(value) : yes(Boolean(value))
}
