import { createFileRoute } from '@tanstack/react-router'
import { IntegrationsPage } from '~/features/integrations/integrations-page'
import { integrationsSearch } from '~/features/integrations/search'

export const Route = createFileRoute('/_app/_admin/integrations')({
  validateSearch: integrationsSearch,
  component: IntegrationsPage,
})
