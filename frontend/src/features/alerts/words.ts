// What kinds of alerts are called, and what an alert and a rule say in a sentence.
import type { Alert, AlertRule } from '~/api/types'
import type { Tone } from '~/components/pill'
import { duration, plural } from '~/lib/format'

export type Kind =
  | 'silent'
  | 'long_day'
  | 'idle'
  | 'unproductive'
  | 'storage'
  | 'device'
  | 'repeated_input'

type About = {
  word: string
  /** What the threshold counts; nothing where there is none. */
  unit?: string
  least: number
  most: number
  usual: number
  /** It watches people, so that it may watch some of them. */
  ofPeople: boolean
}

export const KINDS: Record<Kind, About> = {
  silent: {
    word: 'Silence on a working day',
    unit: 'hours',
    least: 1,
    most: 24,
    usual: 4,
    ofPeople: true,
  },
  long_day: { word: 'Long day', unit: 'hours', least: 1, most: 24, usual: 10, ofPeople: true },
  idle: { word: 'Idle share', unit: 'per cent', least: 1, most: 99, usual: 60, ofPeople: true },
  unproductive: {
    word: 'Unproductive share',
    unit: 'per cent',
    least: 1,
    most: 99,
    usual: 50,
    ofPeople: true,
  },
  device: { word: 'Device problem', least: 0, most: 0, usual: 0, ofPeople: true },
  storage: { word: 'Storage', unit: 'per cent', least: 1, most: 100, usual: 90, ofPeople: false },
  repeated_input: {
    word: 'Data quality: input repeats',
    unit: 'minutes',
    least: 10,
    most: 480,
    usual: 30,
    ofPeople: true,
  },
}
/** Shares of a day, which say little of a short one. */
export const isShareOfDay = (kind: string) => kind === 'idle' || kind === 'unproductive'
export const KIND_NAMES = Object.keys(KINDS) as Kind[]
export const isKind = (kind: string): kind is Kind => kind in KINDS
// Readers of the API may meet words that are newer than this page.
export const kindWord = (kind: string) =>
  isKind(kind) ? KINDS[kind].word : kind.replaceAll('_', ' ')

const PROBLEMS: Record<string, string> = {
  silent: 'Not heard of on the last working day, nor since.',
  old_version: 'Its agent is older than this server.',
  limited: 'The desktop does not let the agent see everything that the settings ask for.',
}

/** What was found, with its numbers. */
export function whatOf({ kind, value, threshold, problem }: Alert): string {
  switch (kind) {
    case 'silent':
      return `Nothing was heard in the first ${duration(value)} of the day's hours.`
    case 'long_day':
      return `${duration(value)} tracked, more than ${threshold} h.`
    case 'idle':
      return `${value} % of the tracked time without input, more than ${threshold} %.`
    case 'unproductive':
      return `${value} % of the tracked time unproductive by the rules, more than ${threshold} %.`
    case 'storage':
      return `${value} % of the storage is used.`
    case 'device':
      return PROBLEMS[problem ?? ''] ?? 'Look at the device.'
    case 'repeated_input':
      return `Input counts repeat for ${plural(value, 'minute')} in a row; look at the device.`
    default:
      return `${value}`
  }
}

type Asked = Pick<AlertRule, 'kind' | 'threshold' | 'least_minutes'>

/** What a rule looks for. */
export function ruleWords({ kind, threshold, least_minutes }: Asked): string {
  switch (kind) {
    case 'silent':
      return `No device of a person is heard in the first ${threshold} h of a working day's hours`
    case 'long_day':
      return `More than ${threshold} h tracked in a day`
    case 'idle':
      return `More than ${threshold} % of a day's tracked time without input, on days with at least ${duration((least_minutes ?? 0) * 60)}`
    case 'unproductive':
      return `More than ${threshold} % of a day's tracked time unproductive by the productivity rules, on days with at least ${duration((least_minutes ?? 0) * 60)}`
    case 'storage':
      return `${threshold} % of the storage is used`
    case 'device':
      return 'A device is silent, runs an old agent, or is limited by its desktop'
    case 'repeated_input':
      return `A device counts exactly the same input in ${threshold} minutes in a row`
    default:
      return kindWord(kind)
  }
}

export const STATES: Record<Alert['state'], [Tone, string]> = {
  open: ['warn', 'Open'],
  resolved: ['good', 'Resolved'],
  acknowledged: ['off', 'Acknowledged'],
}

/** Rules that most companies find of use; none is there until somebody wants it. */
export const SUGGESTED = [
  { kind: 'device', threshold: 0 },
  { kind: 'storage', threshold: 90 },
  { kind: 'silent', threshold: 4 },
  { kind: 'long_day', threshold: 10 },
] as const
