import { createFileRoute } from '@tanstack/react-router'
import { daySearch } from '~/components/timeline/search'
import { PersonPage } from '~/features/led-teams/person-page'

export const Route = createFileRoute('/_app/_me/team/$userId')({
  validateSearch: daySearch,
  component: PersonPage,
})
