// One's own account: password, and where one is signed in.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, done, ok } from '~/api/client'
import type { Input } from '~/api/types'

export const signInsQuery = queryOptions({
  queryKey: ['profile', 'sign-ins'],
  queryFn: ({ signal }) => ok(api.GET('/api/me/sign-ins', { signal })),
})

export function useChangePassword() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Input<'/api/me/password'>) => done(api.POST('/api/me/password', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: signInsQuery.queryKey }),
  })
}

export function useEndSignIn() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (sign_in_id: string) =>
      done(api.DELETE('/api/me/sign-ins/{sign_in_id}', { params: { path: { sign_in_id } } })),
    onSettled: () => cache.invalidateQueries({ queryKey: signInsQuery.queryKey }),
  })
}

export function useEndOtherSignIns() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: () => ok(api.DELETE('/api/me/sign-ins')),
    onSettled: () => cache.invalidateQueries({ queryKey: signInsQuery.queryKey }),
  })
}
