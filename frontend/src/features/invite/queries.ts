// An invitation is read and accepted by whoever holds its link.
import { queryOptions } from '@tanstack/react-query'
import { ok, open } from '~/api/client'
import type { Input } from '~/api/types'

export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['invitations', token],
    queryFn: ({ signal }) =>
      ok(open.GET('/api/invitations/{token}', { params: { path: { token } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const acceptInvitation = (
  token: string,
  body: Input<'/api/invitations/{token}/accept', 'post'>,
) => ok(open.POST('/api/invitations/{token}/accept', { params: { path: { token } }, body }))
