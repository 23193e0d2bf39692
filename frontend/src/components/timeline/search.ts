// What the address of a day holds: which day, which ten minutes of it, and which picture is open.
import { day, type SearchOf, searchOf, text } from '~/lib/search'

export const daySearch = searchOf({ day: day(), at: text(), shot: text() })
export type DaySearch = SearchOf<typeof daySearch>
