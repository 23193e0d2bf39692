// What the address of the usage page holds. What it means is known where it is asked for: this is loaded before anybody
// has signed in.
import { day, type SearchOf, searchOf, text } from '~/lib/search'

export const usageSearch = searchOf({
  by: text(),
  from: day(),
  to: day(),
  /** A person's id. */
  person: text(),
  /** A team's id, or `none`: those in none. */
  team: text(),
  app: text(),
  host: text(),
  category: text(),
  q: text(),
  sort: text(),
  cursor: text(),
})
export type UsageSearch = SearchOf<typeof usageSearch>
