// What the address of the overview holds: how many days the charts show.
import { z } from 'zod/mini'
import { choice } from '~/lib/search'

export const RANGES = ['7', '14', '30', '90'] as const
export const adminDefaults = { days: '14' } as const
export const adminSearch = z.object({ days: choice(RANGES, adminDefaults.days) })
