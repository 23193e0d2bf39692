import { createFileRoute } from '@tanstack/react-router'
import { RemovalsPage } from '~/features/removals/removals-page'
import { searchOf, text } from '~/lib/search'

export const Route = createFileRoute('/_app/_admin/removals')({
  validateSearch: searchOf({ cursor: text() }),
  component: RemovalsPage,
})
