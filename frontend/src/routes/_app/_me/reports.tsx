import { createFileRoute } from '@tanstack/react-router'
import { ReportsPage } from '~/features/reports/reports-page'
import { reportsSearch } from '~/features/reports/search'

export const Route = createFileRoute('/_app/_me/reports')({
  validateSearch: reportsSearch,
  component: ReportsPage,
})
