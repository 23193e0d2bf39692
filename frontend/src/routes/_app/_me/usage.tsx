import { createFileRoute } from '@tanstack/react-router'
import { usageSearch } from '~/features/usage/search'
import { UsagePage } from '~/features/usage/usage-page'

export const Route = createFileRoute('/_app/_me/usage')({
  validateSearch: usageSearch,
  component: UsagePage,
})
