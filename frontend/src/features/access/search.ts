// What the address of one's own access log holds.
import { type SearchOf, searchOf, text } from '~/lib/search'

export const accessSearch = searchOf({ cursor: text() })
export type AccessSearch = SearchOf<typeof accessSearch>
