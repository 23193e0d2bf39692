import { createFileRoute } from '@tanstack/react-router'
import { AccessPage } from '~/features/access/access-page'
import { accessSearch } from '~/features/access/search'

export const Route = createFileRoute('/_app/_me/access')({
  validateSearch: accessSearch,
  component: AccessPage,
})
