// What is contested, and in which state that is, in words.
import type { Dispute } from '~/api/types'
import { stretchWords } from '~/lib/time'
import { CATEGORIES, CATEGORY_NAMES, categoryName } from '../categories/categories'
import type { Tone } from '../pill'

export const KINDS = ['slot', 'label'] as const
const KIND_WORDS: Record<string, string> = { slot: 'Time', label: 'Label' }
export const kindWord = (kind: string) => KIND_WORDS[kind] ?? kind
export const KIND_CHOICES = KINDS.map((value) => ({ value, label: kindWord(value) }))

export const STATES = ['open', 'accepted', 'rejected', 'withdrawn'] as const
const STATE_WORDS: Record<string, [Tone, string]> = {
  open: ['warn', 'Open'],
  accepted: ['good', 'Accepted'],
  rejected: ['bad', 'Rejected'],
  withdrawn: ['off', 'Withdrawn'],
}
export const stateTone = (state: string): Tone => STATE_WORDS[state]?.[0] ?? 'off'
export const stateWord = (state: string) => STATE_WORDS[state]?.[1] ?? state

export const LABEL_CHOICES = CATEGORIES.map((value) => ({ value, label: CATEGORY_NAMES[value] }))

/** The times of one that has some. */
export function slotOf({ started_at, ended_at }: Dispute) {
  return started_at && ended_at ? { started_at, ended_at } : undefined
}

export function subjectWords(dispute: Dispute, zone: string): string {
  const slot = slotOf(dispute)
  if (slot) return stretchWords(slot, zone)
  const label = categoryName(dispute.label ?? '').toLowerCase()
  return `${dispute.app ?? dispute.host} as ${label}`
}

/** What became of it, on a line. */
export function outcomeWords({ state, answer }: Dispute): string {
  if (state === 'withdrawn') return 'Contested, and withdrawn.'
  return answer
    ? `Contested; ${stateWord(state).toLowerCase()}: “${answer}”`
    : 'Contested: no answer yet.'
}
