// What the address of the employees' list holds. What it means is known where the list is asked for: this is loaded
// before anybody has signed in.
import { day, flag, type SearchOf, searchOf, text } from '~/lib/search'

export const employeesSearch = searchOf({
  q: text(),
  status: text(),
  role: text(),
  /** A team's id, or `none`: those in none. */
  team: text(),
  sort: text(),
  cursor: text(),
  invite: flag(),
})
export type EmployeesSearch = SearchOf<typeof employeesSearch>

/** Of one person: a day, or one of the other tabs. */
export const employeeSearch = searchOf({
  day: day(),
  at: text(),
  shot: text(),
  tab: text(),
  cursor: text(),
  sort: text(),
  /** The task whose details are open. */
  task: text(),
})
