// What the address of a day holds: which day, and which picture is open.
import { z } from 'zod/mini'
import { day, text } from '~/lib/search'

export const daySearch = z.object({ day: day(), shot: text() })
export type DaySearch = z.infer<typeof daySearch>
