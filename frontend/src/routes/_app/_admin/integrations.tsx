import { createFileRoute, stripSearchParams } from '@tanstack/react-router'
import { IntegrationsPage } from '~/features/integrations/integrations-page'
import { apiTokensQuery } from '~/features/integrations/queries'
import { integrationsDefaults, integrationsSearch } from '~/features/integrations/search'

export const Route = createFileRoute('/_app/_admin/integrations')({
  validateSearch: integrationsSearch,
  search: { middlewares: [stripSearchParams(integrationsDefaults)] },
  loaderDeps: ({ search: { cursor } }) => ({ cursor }),
  loader: ({ context, deps }) => {
    void context.queryClient.prefetchQuery(apiTokensQuery(deps.cursor))
  },
  component: IntegrationsPage,
})
