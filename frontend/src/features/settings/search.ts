// What the address of the settings holds.
import { choice, searchOf } from '~/lib/search'

export const settingsSearch = searchOf({
  tab: choice(['recording', 'branding'], 'recording'),
})
