// What the address of the teams' page holds.
import { flag, searchOf, text } from '~/lib/search'

export const teamsSearch = searchOf({ q: text(), cursor: text(), create: flag() })
