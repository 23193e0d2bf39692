// What manual time is of, in words.
export const KIND_WORDS: Record<string, string> = {
  meeting: 'Meeting',
  call: 'Call',
  offline_work: 'Work away from the computer',
  training: 'Training',
  travel: 'Travel',
  break_fix: 'Repair',
  other: 'Something else',
}
export const kindWord = (kind: string) => KIND_WORDS[kind] ?? kind.replaceAll('_', ' ')
