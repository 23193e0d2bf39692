// The state of an agent, in words: what waits on its device by its own word, and since when nothing was heard of it.
import type { Device } from '~/api/types'
import type { Tone } from '~/components/pill'
import { plural } from '~/lib/format'
import { ago, dayIn, formatDateTime, formatTime } from '~/lib/time'

const LIMITATIONS: Record<string, string> = {
  titles_not_available: 'no titles',
  activity_not_available: 'no activity',
  screenshots_not_available: 'no screenshots',
}

/** What the agent cannot do there, in the words that are known here. */
export const limitationsOf = ({ limitations }: Pick<Device, 'limitations'>) =>
  limitations.map((one) => LIMITATIONS[one] ?? one)

export type AgentState = { tone: Tone; name: string; words: string }

export function stateOf(device: Device, zone: string, now: Date = new Date()): AgentState {
  const since = (instant: string) => moment(instant, zone, now)
  const waiting = queueInWords(device)
  if (device.revoked_at)
    return { tone: 'off', name: 'Refused', words: `Refused since ${since(device.revoked_at)}.` }
  if (device.silent_since) {
    const waited = waiting ? ` Then ${waiting} waited.` : ''
    return {
      tone: 'warn',
      name: 'Silent',
      words: `Silent since ${since(device.silent_since)}.${waited} What it records meanwhile stays on that computer until it has contact again.`,
    }
  }
  if (waiting) {
    const oldest = device.oldest_queued_at ? ` since ${since(device.oldest_queued_at)}` : ''
    const are = queued(device) === 1 ? 'waits' : 'wait'
    return { tone: 'info', name: 'Waiting', words: `${waiting} ${are}${oldest}.` }
  }
  if (!device.last_synced_at) return { tone: 'off', name: 'New', words: 'It has sent nothing yet.' }
  const synced = `Last acknowledged ${ago(device.last_synced_at, now)}.`
  return device.queued_items === undefined
    ? { tone: 'off', name: 'Unknown', words: `Its agent is too old to tell what waits. ${synced}` }
    : { tone: 'good', name: 'Up to date', words: `Nothing waits. ${synced}` }
}

const queued = (device: Device) => (device.queued_items ?? 0) + (device.queued_screenshots ?? 0)

/** `12 items and 3 screenshots`; nothing where nothing waits. */
export function queueInWords({ queued_items = 0, queued_screenshots = 0 }: Device): string {
  return [
    queued_items > 0 && plural(queued_items, 'item'),
    queued_screenshots > 0 && plural(queued_screenshots, 'screenshot'),
  ]
    .filter(Boolean)
    .join(' and ')
}

/** The clock alone on the same day. */
export function moment(instant: string, zone: string, now: Date = new Date()): string {
  return dayIn(zone, instant) === dayIn(zone, now)
    ? formatTime(instant, zone)
    : formatDateTime(instant, zone)
}
