// What the address of the alerts holds.
import { anyOf, choice, day, type SearchOf, searchOf, text } from '~/lib/search'

const KINDS = [
  'silent',
  'long_day',
  'idle',
  'unproductive',
  'storage',
  'device',
  'repeated_input',
] as const

export const alertsSearch = searchOf({
  tab: choice(['alerts', 'rules'], 'alerts'),
  state: choice(['open', 'resolved', 'acknowledged', 'all'], 'open'),
  kind: anyOf(KINDS),
  /** A person's id. */
  person: text(),
  /** A team's id. */
  team: text(),
  from: day(),
  to: day(),
  cursor: text(),
  /** The rule that is written: `new`, or the id of one that is changed. */
  rule: text(),
})
export type AlertsSearch = SearchOf<typeof alertsSearch>
