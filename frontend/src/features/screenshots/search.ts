// What the address of the gallery holds. What it means is known where it is asked for: this is loaded before anybody has
// signed in.
import { day, flag, type SearchOf, searchOf, text } from '~/lib/search'

export const screenshotsSearch = searchOf({
  /** A person's id. */
  person: text(),
  /** A team's id. */
  team: text(),
  day: day(),
  low: flag(),
  /** `yes`: only what the device blurred; `no`: only what it did not. */
  blurred: text(),
  /** `yes`: only what somebody deleted; `no`: only what is there. */
  deleted: text(),
  cursor: text(),
  /** The one that is open. */
  shot: text(),
})
export type ScreenshotsSearch = SearchOf<typeof screenshotsSearch>
