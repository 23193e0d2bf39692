import { createFileRoute } from '@tanstack/react-router'
import { PolicyPage } from '~/features/policy/policy-page'
import { policySearch } from '~/features/policy/search'

export const Route = createFileRoute('/_app/_me/policy')({
  validateSearch: policySearch,
  component: PolicyPage,
})
