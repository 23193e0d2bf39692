// What the address of a day holds: which day, and which picture is open.
import { day, type SearchOf, searchOf, text } from '~/lib/search'

export const daySearch = searchOf({ day: day(), shot: text() })
export type DaySearch = SearchOf<typeof daySearch>
