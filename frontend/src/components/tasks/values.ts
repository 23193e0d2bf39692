// What the form of a task holds, and what of it is sent.
import type { Task, TaskPatch } from '~/api/types'
import type { NewTask } from './queries'
import { PRIORITIES, STATUSES } from './words'

export type Values = {
  title: string
  description: string
  assignee: string | null
  team: string
  status: string
  priority: string
  due: string
  /** Empty where there is no estimate. */
  hours: string
}

export const valuesOf = (task: Task | undefined): Values => ({
  title: task?.title ?? '',
  description: task?.description ?? '',
  assignee: task?.assignee_id ?? null,
  team: task?.team_id ?? '',
  status: task?.status ?? 'open',
  priority: task?.priority ?? 'normal',
  due: task?.due_on ?? '',
  hours: typeof task?.estimate_seconds === 'number' ? String(task.estimate_seconds / 3600) : '',
})

/** Null where a field is empty. Tabs are four spaces, as the server takes no other control character than the end of a line. */
function sent(values: Values) {
  const { hours } = values
  return {
    title: values.title.trim(),
    description: values.description.replaceAll('\t', '    ').trim() || null,
    assignee_id: values.assignee,
    team_id: values.team || null,
    status: STATUSES.find((one) => one === values.status) ?? 'open',
    priority: PRIORITIES.find((one) => one === values.priority) ?? 'normal',
    due_on: values.due || null,
    estimate_seconds: hours === '' ? null : Math.round(Number(hours) * 3600),
  } satisfies TaskPatch
}

export function asBody(values: Values): NewTask {
  const { title, ...rest } = sent(values)
  const chosen = Object.entries(rest).filter(([, value]) => value !== null)
  return { title, ...Object.fromEntries(chosen) }
}

/** Only what is not as it was. */
export function asPatch(values: Values, before: Values): TaskPatch {
  const was: Record<string, unknown> = sent(before)
  return Object.fromEntries(Object.entries(sent(values)).filter(([key, is]) => was[key] !== is))
}
