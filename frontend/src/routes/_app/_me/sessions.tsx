import { createFileRoute } from '@tanstack/react-router'
import { sessionsSearch } from '~/features/sessions/search'
import { SessionsPage } from '~/features/sessions/sessions-page'

export const Route = createFileRoute('/_app/_me/sessions')({
  validateSearch: sessionsSearch,
  component: SessionsPage,
})
