import { createFileRoute, stripSearchParams } from '@tanstack/react-router'
import { PlansPage } from '~/features/owner/plans/plans-page'
import { plansDefaults, plansSearch } from '~/features/owner/plans/search'

export const Route = createFileRoute('/_app/owner/plans')({
  validateSearch: plansSearch,
  search: { middlewares: [stripSearchParams(plansDefaults)] },
  component: PlansPage,
})
