// What the address of the page of exports holds.
import { z } from 'zod/mini'
import { flag, text } from '~/lib/search'

export const exportsDefaults = { create: false } as const
export const exportsSearch = z.object({ cursor: text(), create: flag() })
