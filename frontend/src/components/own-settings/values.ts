// The values of the dialog, and what of them goes over the wire.
import type { EffectiveSettings } from '~/api/types'
import type { OwnSettingsPatch } from './queries'
import { LAST_SECOND, MIDNIGHT } from './words'

/** Of yes or no: what is followed has no word. */
export type Choice = '' | 'yes' | 'no'

export type Values = {
  screenshots_enabled: Choice
  /** Empty follows, as with the other number. */
  interval_minutes: string
  blur_screenshots: Choice
  idle_minutes: string
  hours: '' | 'own'
  days: string[]
  allDay: boolean
  from: string
  to: string
  record_titles: Choice
  record_paths: Choice
}

const choice = (own: boolean | undefined): Choice => {
  if (own === undefined) return ''
  return own ? 'yes' : 'no'
}
/** More digits than these say nothing. */
export const minutes = (seconds: number | undefined) =>
  seconds === undefined ? '' : String(Math.round((seconds / 60) * 100) / 100)
const numberOf = (text: string) => Number(text.replace(',', '.'))

export function valuesOf(seen: EffectiveSettings): Values {
  const { own, inherited } = seen.tracking_hours
  const { days, from, to } = own ?? inherited
  const allDay = from === MIDNIGHT && to === LAST_SECOND
  return {
    screenshots_enabled: choice(seen.screenshots_enabled.own),
    interval_minutes: minutes(seen.screenshot_interval_seconds.own),
    blur_screenshots: choice(seen.blur_screenshots.own),
    idle_minutes: minutes(seen.idle_threshold_seconds.own),
    hours: own ? 'own' : '',
    days: days.map(String),
    allDay,
    from: allDay ? '09:00' : from.slice(0, 5),
    to: allDay ? '17:00' : to.slice(0, 5),
    record_titles: choice(seen.record_titles.own),
    record_paths: choice(seen.record_paths.own),
  }
}

export const FOLLOWING = {
  screenshots_enabled: '',
  interval_minutes: '',
  blur_screenshots: '',
  idle_minutes: '',
  hours: '',
  record_titles: '',
  record_paths: '',
} as const satisfies Partial<Values>

const said = (choice: Choice) => (choice === '' ? null : choice === 'yes')
const seconds = (text: string) => (text.trim() === '' ? null : Math.round(numberOf(text) * 60))

const saidBy = (values: Values): Required<OwnSettingsPatch> => ({
  screenshots_enabled: said(values.screenshots_enabled),
  screenshot_interval_seconds: seconds(values.interval_minutes),
  blur_screenshots: said(values.blur_screenshots),
  idle_threshold_seconds: seconds(values.idle_minutes),
  tracking_hours:
    values.hours === ''
      ? null
      : {
          days: values.days.map(Number).sort((one, other) => one - other),
          from: values.allDay ? MIDNIGHT : `${values.from}:00`,
          to: values.allDay ? LAST_SECOND : `${values.to}:00`,
        },
  record_titles: said(values.record_titles),
  record_paths: said(values.record_paths),
})

/** What somebody chose other than it was; the rest stays. */
export function patchOf(seen: EffectiveSettings, values: Values): OwnSettingsPatch {
  const was: OwnSettingsPatch = saidBy(valuesOf(seen))
  const is: OwnSettingsPatch = saidBy(values)
  const changed = (Object.keys(is) as (keyof OwnSettingsPatch)[]).filter(
    (name) => JSON.stringify(is[name]) !== JSON.stringify(was[name]),
  )
  return Object.fromEntries(changed.map((name) => [name, is[name]]))
}

const within = (text: string, least: number, most: number) => {
  const number = numberOf(text)
  return text.trim() === '' || (number >= least && number <= most)
}

export const validate = {
  interval_minutes: (text: string) =>
    within(text, 1, 1440) ? null : 'From one minute to 1440, which is a day.',
  idle_minutes: (text: string) =>
    within(text, 0.5, 60) ? null : 'From half a minute to 60 minutes.',
  days: (days: string[], { hours }: Values) =>
    hours === '' || days.length ? null : 'Choose at least one day.',
  from: (time: string, { hours, allDay }: Values) =>
    hours === '' || allDay || time ? null : 'Say from when on.',
  to: (time: string, { hours, allDay, from }: Values) =>
    hours === '' || allDay || (time && time !== from)
      ? null
      : 'Say until when, other than it begins.',
}
