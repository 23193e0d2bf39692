import { createFileRoute, stripSearchParams } from '@tanstack/react-router'
import { OwnersPage } from '~/features/owner/owners/owners-page'
import { ownersDefaults, ownersSearch } from '~/features/owner/owners/search'

export const Route = createFileRoute('/_app/owner/owners')({
  validateSearch: ownersSearch,
  search: { middlewares: [stripSearchParams(ownersDefaults)] },
  component: OwnersPage,
})
