// What the address of the list of sessions holds.
import { day, type SearchOf, searchOf, text } from '~/lib/search'

export const sessionsSearch = searchOf({
  q: text(),
  team: text(),
  end: text(),
  counts: text(),
  /** A task's id, or `none`. */
  task: text(),
  from: day(),
  to: day(),
  cursor: text(),
  /** The one whose details are open. */
  session: text(),
})
export type SessionsSearch = SearchOf<typeof sessionsSearch>
