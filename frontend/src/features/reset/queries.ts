// A link to a new password is asked for by anybody and used by whoever holds it.
import { queryOptions } from '@tanstack/react-query'
import { done, ok, open } from '~/api/client'

export const resetQuery = (token: string) =>
  queryOptions({
    queryKey: ['reset', token],
    queryFn: ({ signal }) =>
      ok(open.GET('/api/reset/{token}', { params: { path: { token } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const askForReset = (email: string) =>
  done(open.POST('/api/auth/reset', { body: { email } }))

export const resetPassword = (token: string, password: string) =>
  done(open.POST('/api/reset/{token}', { params: { path: { token } }, body: { password } }))
