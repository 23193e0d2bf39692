// What the address of a company's page holds: the chart's range and measure.
import { choice, searchOf } from '~/lib/search'

export const RANGES = ['30', '90', '365'] as const
export const MEASURES = [
  'active_minutes',
  'active_employees',
  'sessions',
  'screenshots',
  'storage_bytes',
] as const
export type Measure = (typeof MEASURES)[number]

export const companyDefaults = { days: '30', show: 'active_minutes' } as const
export const companySearch = searchOf({
  days: choice(RANGES, companyDefaults.days),
  show: choice(MEASURES, companyDefaults.show),
})
