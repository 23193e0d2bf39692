// What the address of the monitoring policy holds.
import { choice, type SearchOf, searchOf, text } from '~/lib/search'

export const policySearch = searchOf({
  state: choice(['all', 'acknowledged', 'missing'], 'all'),
  /** A team's id. */
  team: text(),
  /** Of this version; else the one in force. */
  version: text(),
  cursor: text(),
})
export type PolicySearch = SearchOf<typeof policySearch>
