// What the address of the plans' page holds: which plans, and which form is open.
import { anyOf, flag, type SearchOf, searchOf, text } from '~/lib/search'

export const STATUSES = ['active', 'archived'] as const
export const plansDefaults = { create: false } as const

export const plansSearch = searchOf({
  status: anyOf(STATUSES),
  create: flag(),
  /** The plan whose form is open. */
  edit: text(),
})

export type PlansSearch = SearchOf<typeof plansSearch>
