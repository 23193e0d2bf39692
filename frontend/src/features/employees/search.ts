// What the address of the employees' list holds.
import { z } from 'zod/mini'
import { flag, text } from '~/lib/search'

export const STATUSES = ['active', 'invited', 'deactivated'] as const
export const employeesDefaults = { invite: false } as const
export const employeesSearch = z.object({
  q: text(),
  status: z.catch(z.optional(z.enum(STATUSES)), undefined),
  cursor: text(),
  invite: flag(),
})
export type EmployeesSearch = z.infer<typeof employeesSearch>
