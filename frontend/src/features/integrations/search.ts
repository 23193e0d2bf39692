// What the address of the integrations page holds.
import { z } from 'zod/mini'
import { flag, text } from '~/lib/search'

export const integrationsSearch = z.object({ cursor: text(), create: flag() })
