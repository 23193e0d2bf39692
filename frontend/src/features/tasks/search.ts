// What the address of the tasks holds.
import { anyOf, choice, flag, type SearchOf, searchOf, text } from '~/lib/search'

const STATUSES = ['open', 'in_progress', 'done', 'cancelled'] as const
const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const
const DUES = ['overdue', 'today', 'next_7_days', 'none'] as const

export const tasksSearch = searchOf({
  view: choice(['list', 'board'], 'list'),
  q: text(),
  status: anyOf(STATUSES),
  priority: anyOf(PRIORITIES),
  due: anyOf(DUES),
  /** A person's id, or `none`. */
  assignee: text(),
  /** A team's id, or `none`. */
  team: text(),
  sort: text(),
  cursor: text(),
  /** The one whose details are open. */
  task: text(),
  /** A new one is being written. */
  create: flag(),
})
export type TasksSearch = SearchOf<typeof tasksSearch>
