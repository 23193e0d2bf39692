// What statuses, priorities and fields of tasks are called, and how loud they are.
import type { Tone } from '~/components/pill'
import { duration } from '~/lib/format'
import { formatDay } from '~/lib/time'

export const STATUSES = ['open', 'in_progress', 'done', 'cancelled'] as const
export type Status = (typeof STATUSES)[number]
export const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const

const STATUS_WORDS: Record<string, string> = {
  open: 'Open',
  in_progress: 'In progress',
  done: 'Done',
  cancelled: 'Cancelled',
}
const PRIORITY_WORDS: Record<string, [Tone, string]> = {
  urgent: ['bad', 'Urgent'],
  high: ['warn', 'High'],
  normal: ['off', 'Normal'],
  low: ['off', 'Low'],
}
export const DUE_WORDS: Record<string, string> = {
  overdue: 'Overdue',
  today: 'Due today',
  next_7_days: 'Due within 7 days',
  none: 'No due day',
}
const FIELDS: Record<string, string> = {
  title: 'Title',
  description: 'Description',
  assignee_id: 'Assignee',
  team_id: 'Team',
  status: 'Status',
  priority: 'Priority',
  due_on: 'Due day',
  estimate_seconds: 'Estimate',
}

// Readers of the API may meet words that are newer than this page.
export const statusWord = (status: string) => STATUS_WORDS[status] ?? status.replaceAll('_', ' ')
export const priorityWord = (priority: string) => PRIORITY_WORDS[priority]?.[1] ?? priority
export const priorityTone = (priority: string): Tone => PRIORITY_WORDS[priority]?.[0] ?? 'off'
export const fieldWord = (field: string) => FIELDS[field] ?? field

/** A field's value in the history. */
export function valueWords(field: string, value: string | null | undefined): string {
  if (typeof value !== 'string') return 'nothing'
  if (field === 'status') return statusWord(value)
  if (field === 'priority') return priorityWord(value)
  if (field === 'due_on') return formatDay(value)
  if (field === 'estimate_seconds') return duration(Number(value))
  return value
}
