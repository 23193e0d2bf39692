// A company that registers itself: asked for by anybody, made by whoever opens the link of the mail.
import { queryOptions } from '@tanstack/react-query'
import { done, ok, open } from '~/api/client'
import type { Input } from '~/api/types'

export const registrationStateQuery = queryOptions({
  queryKey: ['registration'],
  queryFn: ({ signal }) => ok(open.GET('/api/registration', { signal })),
})

export const askToRegister = (body: Input<'/api/registrations'>) =>
  done(open.POST('/api/registrations', { body }))

const at = (token: string) => ({ params: { path: { token } } })

export const registrationQuery = (token: string) =>
  queryOptions({
    queryKey: ['registration', token],
    queryFn: ({ signal }) => ok(open.GET('/api/registrations/{token}', { ...at(token), signal })),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const register = (token: string, password: string) =>
  ok(open.POST('/api/registrations/{token}', { ...at(token), body: { password } }))
