import { createFileRoute } from '@tanstack/react-router'
import { AlertsPage } from '~/features/alerts/alerts-page'
import { alertsSearch } from '~/features/alerts/search'

export const Route = createFileRoute('/_app/_me/alerts')({
  validateSearch: alertsSearch,
  component: AlertsPage,
})
