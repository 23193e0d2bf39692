// The form's values, and what of them goes over the wire.
import type { Changes, Settings } from './queries'

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const MOST_DAYS = 3660
const [MIDNIGHT, LAST_SECOND] = ['00:00:00', '23:59:59']

export type Values = {
  screenshots_enabled: boolean
  interval_minutes: string
  blur_screenshots: boolean
  originals_shown: boolean
  employees_may_delete_screenshots: boolean
  idle_minutes: string
  days: string[]
  allDay: boolean
  from: string
  to: string
  record_titles: boolean
  record_paths: boolean
  rules: string
  screenshot_days: string
  usage_days: string
  manual_time_allowed: boolean
  manual_time_approval: boolean
  leads_see: string
}

/** Half minutes are wanted as well; more digits than these say nothing. */
const minutes = (seconds: number) => String(Math.round((seconds / 60) * 100) / 100)
const numberOf = (text: string) => Number(text.replace(',', '.'))
const seconds = (text: string) => Math.round(numberOf(text) * 60)

export function valuesOf(seen: Settings): Values {
  const allDay = seen.tracking_from === MIDNIGHT && seen.tracking_to === LAST_SECOND
  return {
    screenshots_enabled: seen.screenshots_enabled,
    interval_minutes: minutes(seen.screenshot_interval_seconds),
    blur_screenshots: seen.blur_screenshots,
    originals_shown: seen.originals_shown,
    employees_may_delete_screenshots: seen.employees_may_delete_screenshots,
    idle_minutes: minutes(seen.idle_threshold_seconds),
    days: seen.tracking_days.map(String),
    allDay,
    from: allDay ? '09:00' : seen.tracking_from.slice(0, 5),
    to: allDay ? '17:00' : seen.tracking_to.slice(0, 5),
    record_titles: seen.record_titles,
    record_paths: seen.record_paths,
    rules: seen.redaction_rules.join('\n'),
    screenshot_days: String(seen.screenshot_retention_days),
    usage_days: String(seen.usage_retention_days),
    manual_time_allowed: seen.manual_time_allowed,
    manual_time_approval: seen.manual_time_approval,
    leads_see: seen.leads_see,
  }
}

export const rulesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((rule) => rule.trim())
    .filter(Boolean)

/** What the form says, as the wire has it. */
const saidBy = (values: Values): Required<Changes> => ({
  screenshots_enabled: values.screenshots_enabled,
  screenshot_interval_seconds: seconds(values.interval_minutes),
  blur_screenshots: values.blur_screenshots,
  originals_shown: values.originals_shown,
  employees_may_delete_screenshots: values.employees_may_delete_screenshots,
  idle_threshold_seconds: seconds(values.idle_minutes),
  tracking_days: values.days.map(Number).sort((one, other) => one - other),
  tracking_from: values.allDay ? MIDNIGHT : `${values.from}:00`,
  tracking_to: values.allDay ? LAST_SECOND : `${values.to}:00`,
  record_titles: values.record_titles,
  record_paths: values.record_paths,
  redaction_rules: rulesOf(values.rules),
  screenshot_retention_days: Number(values.screenshot_days),
  usage_retention_days: Number(values.usage_days),
  manual_time_allowed: values.manual_time_allowed,
  manual_time_approval: values.manual_time_approval,
  leads_see: values.leads_see === 'people' ? ('people' as const) : ('team_sums' as const),
})

/** What somebody typed other than it was: the rest stays, also what the form shows less exactly than it is. */
export function changesOf(seen: Settings, values: Values): Changes {
  const was: Changes = saidBy(valuesOf(seen))
  const is: Changes = saidBy(values)
  const changed = (Object.keys(is) as (keyof Changes)[]).filter(
    (name) => JSON.stringify(is[name]) !== JSON.stringify(was[name]),
  )
  return Object.fromEntries(changed.map((name) => [name, is[name]]))
}

const LABELS: Record<keyof Changes, string> = {
  tracking_days: 'Days',
  tracking_from: 'From',
  tracking_to: 'Until',
  idle_threshold_seconds: 'Idle after',
  record_titles: 'Titles of windows and pages',
  record_paths: 'Paths of pages',
  redaction_rules: 'Never keep what matches',
  screenshots_enabled: 'Take screenshots',
  screenshot_interval_seconds: 'One in so many minutes',
  blur_screenshots: 'Blur them',
  originals_shown: 'Let admins open originals',
  employees_may_delete_screenshots: 'Let employees delete their own',
  screenshot_retention_days: 'Keep screenshots for, in days',
  usage_retention_days: 'Keep details for, in days',
  manual_time_allowed: 'Let employees add manual time',
  manual_time_approval: 'Ask an admin to approve it',
  leads_see: 'What leads see of their teams',
}

/** The names of what is not the same any more. */
export const differences = (seen: Settings, theirs: Settings): string[] =>
  (Object.keys(LABELS) as (keyof Changes)[])
    .filter((name) => JSON.stringify(seen[name]) !== JSON.stringify(theirs[name]))
    .map((name) => LABELS[name])

const between = (text: string, least: number, most: number) => {
  const number = numberOf(text)
  return text.trim() !== '' && number >= least && number <= most
}

export const isDays = (text: string) => /^\d{1,4}$/.test(text.trim()) && between(text, 1, MOST_DAYS)
const days = (text: string) => (isDays(text) ? null : `A whole number from 1 to ${MOST_DAYS}.`)

export const validate = {
  screenshot_days: days,
  usage_days: days,
  interval_minutes: (text: string) =>
    between(text, 1, 1440) ? null : 'From one minute to 1440, which is a day.',
  idle_minutes: (text: string) =>
    between(text, 0.5, 60) ? null : 'From half a minute to 60 minutes.',
  days: (days: string[]) => (days.length ? null : 'Choose at least one day.'),
  from: (time: string, { allDay }: Values) => (allDay || time ? null : 'Say from when on.'),
  to: (time: string, { allDay, from }: Values) =>
    allDay || (time && time !== from) ? null : 'Say until when, other than it begins.',
  rules: (text: string) => (rulesOf(text).length <= 100 ? null : 'At most 100 rules.'),
}
