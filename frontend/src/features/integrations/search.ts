// What the address of the integrations page holds.
import { z } from 'zod/mini'
import { flag, text } from '~/lib/search'

export const integrationsDefaults = { create: false } as const
export const integrationsSearch = z.object({ cursor: text(), create: flag() })
