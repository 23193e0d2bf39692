import { createFileRoute, stripSearchParams } from '@tanstack/react-router'
import { PlansPage } from '~/features/owner/plans/plans-page'
import { plansQuery } from '~/features/owner/plans/queries'
import { plansDefaults, plansSearch } from '~/features/owner/plans/search'

export const Route = createFileRoute('/_app/owner/plans')({
  validateSearch: plansSearch,
  search: { middlewares: [stripSearchParams(plansDefaults)] },
  loaderDeps: ({ search: { status } }) => ({ status }),
  loader: ({ context, deps }) => {
    void context.queryClient.prefetchQuery(plansQuery(deps.status))
  },
  component: PlansPage,
})
