// What the address of the plans' page holds: which plans, and which form is open.
import { z } from 'zod/mini'
import { flag, text } from '~/lib/search'

export const STATUSES = ['active', 'archived'] as const
export const plansDefaults = { create: false } as const

export const plansSearch = z.object({
  status: z.catch(z.optional(z.enum(STATUSES)), undefined),
  create: flag(),
  /** The plan whose form is open. */
  edit: text(),
})

export type PlansSearch = z.infer<typeof plansSearch>
