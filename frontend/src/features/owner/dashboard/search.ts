// What the address of the companies' list holds.
import { z } from 'zod/mini'
import { choice, text } from '~/lib/search'

export const STATUSES = ['TRIAL', 'ACTIVE', 'SUSPENDED', 'EXPIRED', 'CANCELLED'] as const
export const companiesDefaults = { sort: 'name' } as const

export const companiesSearch = z.object({
  q: text(),
  status: z.catch(z.optional(z.enum(STATUSES)), undefined),
  plan: text(),
  sort: choice(
    [
      'name',
      '-name',
      'status',
      '-status',
      'plan',
      '-plan',
      'created_at',
      '-created_at',
      'employees_active',
      '-employees_active',
      'active_minutes_30d',
      '-active_minutes_30d',
      'screenshots_30d',
      '-screenshots_30d',
      'storage_bytes',
      '-storage_bytes',
      'last_sync_at',
      '-last_sync_at',
    ],
    companiesDefaults.sort,
  ),
  cursor: text(),
})

export type CompaniesSearch = z.infer<typeof companiesSearch>
