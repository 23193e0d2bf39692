// The company's logo, which needs the token and is therefore fetched and not linked.
import { queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'

export const logoQuery = (version: number) =>
  queryOptions({
    queryKey: ['branding', 'logo', version],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const logo: unknown = await ok(api.GET('/api/branding/logo', { parseAs: 'blob', signal }))
      return logo as Blob
    },
  })
