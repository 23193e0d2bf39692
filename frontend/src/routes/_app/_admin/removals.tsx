import { createFileRoute } from '@tanstack/react-router'
import { z } from 'zod/mini'
import { RemovalsPage } from '~/features/removals/removals-page'
import { text } from '~/lib/search'

export const Route = createFileRoute('/_app/_admin/removals')({
  validateSearch: z.object({ cursor: text() }),
  component: RemovalsPage,
})
