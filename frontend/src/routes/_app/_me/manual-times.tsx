import { createFileRoute } from '@tanstack/react-router'
import { ManualTimesPage } from '~/features/manual-times/manual-times-page'
import { manualTimesSearch } from '~/features/manual-times/search'

export const Route = createFileRoute('/_app/_me/manual-times')({
  validateSearch: manualTimesSearch,
  component: ManualTimesPage,
})
