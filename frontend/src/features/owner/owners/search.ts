// What the address of the owners' page holds.
import { flag, searchOf } from '~/lib/search'

export const ownersDefaults = { invite: false } as const
export const ownersSearch = searchOf({ invite: flag() })
