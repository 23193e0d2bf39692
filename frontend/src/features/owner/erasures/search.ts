// What the address of the page of erasures holds: the company whose certificate is open.
import { z } from 'zod/mini'
import { text } from '~/lib/search'

export const erasuresSearch = z.object({ cursor: text(), company: text() })
