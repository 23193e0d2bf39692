// What the address of the teams' page holds.
import { z } from 'zod/mini'
import { flag, text } from '~/lib/search'

export const teamsSearch = z.object({ q: text(), cursor: text(), create: flag() })
