import { expect, test } from 'vitest'
import type { Device } from '~/api/types'
import { limitationsOf, queueInWords, stateOf } from './words'

const NOW = new Date('2026-11-20T14:20:00Z')
const quiet: Device = {
  id: 'd',
  name: 'desk',
  os: 'Debian 12',
  agent_version: '0.1.0',
  limitations: [],
  created_at: '2026-11-01T08:00:00Z',
  last_seen_at: '2026-11-20T14:19:00Z',
  last_synced_at: '2026-11-20T14:18:00Z',
  queued_items: 0,
  queued_screenshots: 0,
  dead_letters: 0,
}
const of = (change: Partial<Device>) => {
  const { name, words } = stateOf({ ...quiet, ...change }, 'UTC', NOW)
  return [name, words]
}

test('an agent of which nothing waits is up to date', () => {
  expect(of({})).toEqual(['Up to date', 'Nothing waits. Last acknowledged 2 minutes ago.'])
})

test('what waits is counted, from when the oldest does', () => {
  const oldest_queued_at = '2026-11-20T09:05:00Z'
  const [name, words] = of({ queued_items: 1200, queued_screenshots: 1, oldest_queued_at })
  expect(name).toBe('Waiting')
  expect(words).toMatch(/^1,200 items and 1 screenshot wait since \d\d:05( AM)?\.$/)
  expect(of({ queued_screenshots: 1 })[1]).toBe('1 screenshot waits.')
  const yesterday = of({ queued_items: 2, oldest_queued_at: '2026-11-19T09:05:00Z' })[1]
  expect(yesterday).toContain('2026')
})

test('silence is said before what waited then, and a refusal before both', () => {
  const silent = { silent_since: '2026-11-20T13:00:00Z', queued_items: 2 }
  expect(of(silent)[0]).toBe('Silent')
  expect(of(silent)[1]).toContain('Then 2 items waited.')
  expect(of({ ...silent, revoked_at: '2026-11-20T14:00:00Z' })[0]).toBe('Refused')
})

test('an agent that does not tell is not called up to date', () => {
  const { queued_items: _, queued_screenshots: __, dead_letters: ___, ...old } = quiet
  expect(stateOf(old, 'UTC', NOW).name).toBe('Unknown')
  const { last_synced_at: ____, ...fresh } = old
  expect(stateOf(fresh, 'UTC', NOW).words).toBe('It has sent nothing yet.')
  expect(queueInWords(old)).toBe('')
})

test('limitations are said in words where there are any', () => {
  const limitations = ['titles_not_available', 'no sound']
  expect(limitationsOf({ limitations })).toEqual(['no titles', 'no sound'])
})
