// What the address of the live page holds.
import { type SearchOf, searchOf, text } from '~/lib/search'

export const liveSearch = searchOf({
  q: text(),
  /** A team's id, or `none`: those in none. */
  team: text(),
})
export type LiveSearch = SearchOf<typeof liveSearch>
