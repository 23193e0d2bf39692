// What the address of disputes holds.
import { KINDS, STATES } from '~/components/disputes/words'
import { anyOf, matching, type SearchOf, searchOf, text } from '~/lib/search'

export const disputesSearch = searchOf({
  q: text(),
  team: matching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
  state: anyOf(STATES),
  kind: anyOf(KINDS),
  cursor: text(),
  /** The one whose details are open. */
  dispute: text(),
})
export type DisputesSearch = SearchOf<typeof disputesSearch>
