// What the company asks for at sign-in.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { Input } from '~/api/types'

export const signInPolicyQuery = queryOptions({
  queryKey: ['sign-in-policy'],
  queryFn: ({ signal }) => ok(api.GET('/api/sign-in-policy', { signal })),
})

export function useChangeSignInPolicy() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Input<'/api/sign-in-policy'>) =>
      ok(api.POST('/api/sign-in-policy', { body })),
    onSuccess: (policy) => {
      cache.setQueryData(signInPolicyQuery.queryKey, policy)
      void cache.invalidateQueries({ queryKey: ['profile'] })
    },
  })
}
