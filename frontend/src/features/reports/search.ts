// What the address of the reports holds. What it means is known where it is asked for: this is loaded before anybody has
// signed in.
import { day, flag, type SearchOf, searchOf, text } from '~/lib/search'

export const reportsSearch = searchOf({
  kind: text(),
  from: day(),
  to: day(),
  group: text(),
  sub: text(),
  /** A person's id. */
  person: text(),
  /** A team's id. */
  team: text(),
  /** Beside the days before. */
  compare: flag(),
  sort: text(),
  cursor: text(),
})
export type ReportsSearch = SearchOf<typeof reportsSearch>
