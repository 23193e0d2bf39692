import { createFileRoute } from '@tanstack/react-router'
import { DisputesPage } from '~/features/disputes/disputes-page'
import { disputesSearch } from '~/features/disputes/search'

export const Route = createFileRoute('/_app/_me/disputes')({
  validateSearch: disputesSearch,
  component: DisputesPage,
})
