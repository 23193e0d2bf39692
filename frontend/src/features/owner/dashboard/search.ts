// What the address of the companies' list holds.
import { anyOf, choice, type SearchOf, searchOf, text } from '~/lib/search'

export const STATUSES = ['TRIAL', 'ACTIVE', 'SUSPENDED', 'EXPIRED', 'CANCELLED'] as const
export const companiesDefaults = { sort: 'name' } as const

export const companiesSearch = searchOf({
  q: text(),
  status: anyOf(STATUSES),
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

export type CompaniesSearch = SearchOf<typeof companiesSearch>
