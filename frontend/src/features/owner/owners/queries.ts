// Who runs the service: list, invite, invite again, deactivate, reactivate.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { Input } from '~/api/types'

const path = (owner_id: string) => ({ params: { path: { owner_id } } })

export const ownersQuery = queryOptions({
  queryKey: ['owners'],
  queryFn: ({ signal }) => ok(api.GET('/api/owner/owners', { signal })),
})

function useAct<V, R>(mutationFn: (values: V) => Promise<R>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: () => cache.invalidateQueries({ queryKey: ownersQuery.queryKey }),
  })
}

export const useInviteOwner = () =>
  useAct((body: Input<'/api/owner/owners'>) => ok(api.POST('/api/owner/owners', { body })))

export const useRepeatInvitation = (id: string) =>
  useAct((body: Input<'/api/owner/owners/{owner_id}/repeat-invitation'>) =>
    ok(api.POST('/api/owner/owners/{owner_id}/repeat-invitation', { ...path(id), body })),
  )

export const useSetOwnerActive = (id: string, active: boolean) =>
  useAct((body: Input<'/api/owner/owners/{owner_id}/deactivate'>) =>
    ok(
      active
        ? api.POST('/api/owner/owners/{owner_id}/reactivate', { ...path(id), body })
        : api.POST('/api/owner/owners/{owner_id}/deactivate', { ...path(id), body }),
    ),
  )
