// What the address of the owners' page holds.
import { z } from 'zod/mini'
import { flag } from '~/lib/search'

export const ownersDefaults = { invite: false } as const
export const ownersSearch = z.object({ invite: flag() })
