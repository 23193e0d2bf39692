import { createFileRoute } from '@tanstack/react-router'
import { daySearch } from '~/components/timeline/search'
import { UserPage } from '~/features/dashboard/user/user-page'

export const Route = createFileRoute('/_app/_me/dashboard/user')({
  validateSearch: daySearch,
  component: UserPage,
})
