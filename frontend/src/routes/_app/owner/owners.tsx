import { createFileRoute, stripSearchParams } from '@tanstack/react-router'
import { OwnersPage } from '~/features/owner/owners/owners-page'
import { ownersQuery } from '~/features/owner/owners/queries'
import { ownersDefaults, ownersSearch } from '~/features/owner/owners/search'

export const Route = createFileRoute('/_app/owner/owners')({
  validateSearch: ownersSearch,
  search: { middlewares: [stripSearchParams(ownersDefaults)] },
  loader: ({ context }) => {
    void context.queryClient.prefetchQuery(ownersQuery)
  },
  component: OwnersPage,
})
