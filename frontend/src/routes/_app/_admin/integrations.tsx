import { createFileRoute, stripSearchParams } from '@tanstack/react-router'
import { IntegrationsPage } from '~/features/integrations/integrations-page'
import { integrationsDefaults, integrationsSearch } from '~/features/integrations/search'

export const Route = createFileRoute('/_app/_admin/integrations')({
  validateSearch: integrationsSearch,
  search: { middlewares: [stripSearchParams(integrationsDefaults)] },
  component: IntegrationsPage,
})
