// What a policy names, in words.
import type { PolicyKind } from '~/api/types'

export const KINDS: Record<PolicyKind, { label: string; text: string }> = {
  applications: {
    label: 'Applications',
    text: 'Which application is in front, and its window title.',
  },
  websites: { label: 'Websites', text: 'Which sites are visited.' },
  activity: {
    label: 'Activity',
    text: 'Minutes with their counts of keys and mouse events. Tracked time is made of them.',
  },
  screenshots: { label: 'Screenshots', text: 'Pictures of the screen.' },
}

/** A newer server may name kinds that this page does not know. */
export const kindLabel = (kind: string) => KINDS[kind as PolicyKind]?.label ?? kind

export const kindsInWords = (kinds: readonly string[]) =>
  kinds.map((kind) => kindLabel(kind).toLowerCase()).join(', ')
