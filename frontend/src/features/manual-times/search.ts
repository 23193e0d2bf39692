// What the address of manual time holds.
import { anyOf, day, flag, type SearchOf, searchOf, text } from '~/lib/search'
import { KINDS, STATES } from './words'

export const manualTimesSearch = searchOf({
  q: text(),
  team: text(),
  state: anyOf(STATES),
  kind: anyOf(KINDS),
  from: day(),
  to: day(),
  cursor: text(),
  /** The one whose details are open. */
  entry: text(),
  /** The form for a new one is open. */
  add: flag(),
  /** What the form begins with: moments as the API has them, and a task's id. */
  started: text(),
  ended: text(),
  task: text(),
})
export type ManualTimesSearch = SearchOf<typeof manualTimesSearch>
