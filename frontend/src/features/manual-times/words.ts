// Kinds and states of manual time, in words.
import type { Tone } from '~/components/pill'
import { KIND_WORDS } from '~/components/timeline/manual-words'

export const KINDS = [
  'meeting',
  'call',
  'offline_work',
  'training',
  'travel',
  'break_fix',
  'other',
] as const
export type Kind = (typeof KINDS)[number]
export { kindWord } from '~/components/timeline/manual-words'
export const KIND_CHOICES = KINDS.map((value) => ({ value, label: KIND_WORDS[value] ?? value }))

export const STATES = ['pending', 'approved', 'rejected', 'withdrawn'] as const
export type State = (typeof STATES)[number]

const STATE_WORDS: Record<string, [Tone, string]> = {
  pending: ['warn', 'Waiting'],
  approved: ['good', 'Approved'],
  rejected: ['bad', 'Rejected'],
  withdrawn: ['off', 'Withdrawn'],
}
export const stateTone = (state: string): Tone => STATE_WORDS[state]?.[0] ?? 'off'
export const stateWord = (state: string) => STATE_WORDS[state]?.[1] ?? state
