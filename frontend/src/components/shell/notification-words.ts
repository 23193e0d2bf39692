// What a notification says, and where it leads.
import type { Notification } from '~/api/types'
import { plural } from '~/lib/format'

const RULES: Record<string, string> = {
  silent: 'silence on a working day',
  long_day: 'long days',
  idle: 'the idle share of days',
  unproductive: 'the unproductive share of days',
  storage: 'storage',
  device: 'devices',
  repeated_input: 'data quality',
}

const KINDS = [
  'silent',
  'long_day',
  'idle',
  'unproductive',
  'storage',
  'device',
  'repeated_input',
] as const

export function wordsOf({ kind, rule_kind, amount, task_id, task_title }: Notification) {
  const about = RULES[rule_kind ?? ''] ?? rule_kind ?? 'rules'
  const task = task_title ? `“${task_title}”` : 'a task'
  const alerts = {
    to: '/alerts',
    search: { kind: KINDS.find((one) => one === rule_kind) },
  } as const
  const ofTask = { to: '/tasks', search: task_title && task_id ? { task: task_id } : {} } as const
  switch (kind) {
    case 'alerts':
      return { text: `${plural(amount, 'new alert')}: ${about}`, ...alerts }
    case 'own_alert':
      return { text: `${plural(amount, 'alert')} about you: ${about}`, ...alerts }
    case 'task_assigned':
      return { text: `Yours now: ${task}`, ...ofTask }
    case 'task_commented':
      return { text: `A comment on ${task}`, ...ofTask }
    case 'original_opened':
      return {
        text: 'An original of your screenshots was opened. See by whom and why.',
        to: '/access',
        search: {},
      } as const
    case 'policy_published':
      return {
        text: 'A new version of the monitoring policy: read and acknowledge it.',
        to: '/policy',
        search: {},
      } as const
    case 'dispute_opened':
      return {
        text: 'Somebody contests a record: it waits for an answer.',
        to: '/disputes',
        search: { state: 'open' },
      } as const
    case 'dispute_answered':
      return { text: 'What you contested was answered.', to: '/disputes', search: {} } as const
    // Readers of the API may meet kinds that are newer than this page.
    default:
      return { text: kind.replaceAll('_', ' '), to: '.', search: {} } as const
  }
}
