// Devices in each state: what waits nowhere, what waits, what fell silent.
import type { Device } from '~/api/types'
import { id } from './random'

const HOUR = 3_600_000

export function makeDevices(name: string, many: number, now: Date): Device[] {
  const ago = (hours: number) => new Date(now.getTime() - hours * HOUR).toISOString()
  const kinds = [
    {
      name: 'thinkpad-07',
      os: 'Windows 11',
      limitations: [],
      last_seen_at: ago(0.05),
      queued_items: 0,
      queued_screenshots: 0,
      dead_letters: 0,
    },
    {
      name: 'build-02',
      os: 'Debian 13',
      limitations: ['screenshots_not_available'],
      last_seen_at: ago(0.1),
      queued_items: 1200,
      queued_screenshots: 3,
      oldest_queued_at: ago(26),
      dead_letters: 2,
    },
    {
      name: 'home-office',
      os: 'Debian 13',
      limitations: [],
      last_seen_at: ago(2),
      silent_since: ago(2),
      queued_items: 0,
      queued_screenshots: 0,
      dead_letters: 0,
    },
  ]
  return kinds.slice(0, many).map((kind, number) => ({
    ...kind,
    id: id(`device-${name}`, number),
    agent_version: '0.1.0',
    created_at: ago((90 - number) * 24),
    last_synced_at: kind.last_seen_at,
  }))
}
