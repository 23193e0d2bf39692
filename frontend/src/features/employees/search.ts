// What the address of the employees' list holds.
import { z } from 'zod/mini'
import { day, flag, matching, text } from '~/lib/search'

export const employeesDefaults = { invite: false } as const
export const employeesSearch = z.object({
  q: text(),
  status: matching(/^(active|invited|deactivated)$/),
  role: matching(/^(ADMIN|EMPLOYEE)$/),
  /** A team's id, or those in none. */
  team: matching(/^(none|[\da-f-]{36})$/),
  sort: matching(/^-?[a-z_]+$/),
  cursor: text(),
  invite: flag(),
})
export type EmployeesSearch = z.infer<typeof employeesSearch>

/** Of one person: a day, or one of the other tabs. */
export const employeeSearch = z.object({
  day: day(),
  shot: text(),
  tab: matching(/^(devices|settings|access)$/),
  cursor: text(),
})
