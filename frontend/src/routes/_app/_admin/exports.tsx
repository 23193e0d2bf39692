import { createFileRoute, stripSearchParams } from '@tanstack/react-router'
import { ExportsPage } from '~/features/exports/exports-page'
import { exportsDefaults, exportsSearch } from '~/features/exports/search'

export const Route = createFileRoute('/_app/_admin/exports')({
  validateSearch: exportsSearch,
  search: { middlewares: [stripSearchParams(exportsDefaults)] },
  component: ExportsPage,
})
