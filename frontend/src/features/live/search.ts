// What the address of the live page holds.
import { flag, type SearchOf, searchOf, text } from '~/lib/search'

export const liveSearch = searchOf({
  q: text(),
  /** A team's id, or `none`: those in none. */
  team: text(),
  /** For a screen that everybody sees: large, and nothing to click. */
  wall: flag(),
})
export type LiveSearch = SearchOf<typeof liveSearch>
