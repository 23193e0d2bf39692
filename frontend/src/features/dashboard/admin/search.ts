// What the address of the overview holds: how many days the charts show.
import { choice, searchOf } from '~/lib/search'

export const RANGES = ['7', '14', '30', '90'] as const
export const adminDefaults = { days: '14' } as const
export const adminSearch = searchOf({ days: choice(RANGES, adminDefaults.days) })
