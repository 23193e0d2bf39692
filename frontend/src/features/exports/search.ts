// What the address of the page of exports holds.
import { flag, searchOf, text } from '~/lib/search'

export const exportsDefaults = { create: false } as const
export const exportsSearch = searchOf({ cursor: text(), create: flag() })
