import { createFileRoute, stripSearchParams } from '@tanstack/react-router'
import { ReportsPage } from '~/features/owner/reports/reports-page'
import { reportsDefaults, reportsSearch } from '~/features/owner/reports/search'

export const Route = createFileRoute('/_app/owner/reports')({
  validateSearch: reportsSearch,
  search: { middlewares: [stripSearchParams(reportsDefaults)] },
  component: ReportsPage,
})
