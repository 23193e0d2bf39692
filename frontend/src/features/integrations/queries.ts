// The company's API tokens: list, make, revoke.
import { keepPreviousData, queryOptions, useMutation } from '@tanstack/react-query'
import { api, done, ok } from '~/api/client'
import { useRefresh } from '~/api/refresh'
import type { Input } from '~/api/types'

export const apiTokensQuery = (cursor: string | undefined) =>
  queryOptions({
    queryKey: ['api-tokens', 'list', { cursor }],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/api-tokens', { params: { query: { cursor } }, signal })),
  })

export function useCreateApiToken() {
  const refresh = useRefresh(['api-tokens'])
  return useMutation({
    // The answer holds the secret: it goes with the dialog.
    gcTime: 0,
    mutationFn: (body: Input<'/api/api-tokens'>) => ok(api.POST('/api/api-tokens', { body })),
    onSuccess: refresh,
  })
}

export function useRevokeApiToken() {
  const refresh = useRefresh(['api-tokens'])
  return useMutation({
    mutationFn: (token_id: string) =>
      done(api.DELETE('/api/api-tokens/{token_id}', { params: { path: { token_id } } })),
    onSuccess: refresh,
  })
}
