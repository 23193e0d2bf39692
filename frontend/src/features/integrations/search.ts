// What the address of the integrations page holds.
import { flag, searchOf, text } from '~/lib/search'

export const integrationsSearch = searchOf({ cursor: text(), create: flag() })
