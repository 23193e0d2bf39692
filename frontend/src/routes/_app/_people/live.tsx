import { createFileRoute } from '@tanstack/react-router'
import { LivePage } from '~/features/live/live-page'
import { liveSearch } from '~/features/live/search'

export const Route = createFileRoute('/_app/_people/live')({
  validateSearch: liveSearch,
  component: LivePage,
})
