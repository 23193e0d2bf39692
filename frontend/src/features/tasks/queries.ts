// What the address of the tasks means, and the file of all that it lets through.
import { api } from '~/api/client'
import { saveFile } from '~/api/files'
import { sortOf, type TasksFilter } from '~/components/tasks/queries'
import { dayIn } from '~/lib/time'
import type { TasksSearch } from './search'

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const idOf = (text: string | undefined) => (text && UUID.test(text) ? text : undefined)

/** What the address asks for, in the API's words. What nobody could have chosen is as if nothing was chosen. */
export const filterOf = (search: TasksSearch): TasksFilter => ({
  q: search.q?.trim().slice(0, 120) || undefined,
  status: search.status && [search.status],
  priority: search.priority && [search.priority],
  due: search.due,
  assignee_id: idOf(search.assignee),
  unassigned: search.assignee === 'none' || undefined,
  team_id: idOf(search.team),
  without_team: search.team === 'none' || undefined,
  sort: sortOf(search.sort),
})

export function exportTasks(filter: TasksFilter, format: 'csv' | 'xlsx') {
  const query = { ...filter, format }
  const call = api.GET('/api/tasks/export', { params: { query }, parseAs: 'blob' })
  return saveFile(`tasks-${dayIn('UTC')}.${format}`, call)
}
