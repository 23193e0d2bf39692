// What the address of a lead's team holds.
import { day, searchOf, text } from '~/lib/search'

export const ledTeamSearch = searchOf({
  /** A team's id; the first one when left out. */
  team: text(),
  from: day(),
  to: day(),
})
