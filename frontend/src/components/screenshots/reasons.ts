// Why an original is opened, in the words of the list and of the person's access log.
import type { OriginalReason } from './queries'

export const REASONS: Record<OriginalReason['reason'], string> = {
  quality: 'To look at the quality of work',
  incident: 'To clear up an incident',
  request: 'The person asked for it',
  data_problem: 'What was recorded seems wrong',
  legal: 'A law or a court asks for it',
  other: 'Another reason',
}

/** What an entry of the access log gives as reason. */
export function reasonWords(reason?: string | null, note?: string | null): string {
  const known: Record<string, string> = { ...REASONS, not_asked: 'No reason was asked for then' }
  const words = reason ? (known[reason] ?? reason) : ''
  if (reason === 'other' && note) return note
  return [words, note].filter(Boolean).join(': ')
}
