// What the address of the page of erasures holds: the company whose certificate is open.
import { searchOf, text } from '~/lib/search'

export const erasuresSearch = searchOf({ cursor: text(), company: text() })
