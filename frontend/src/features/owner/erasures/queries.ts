// Companies that were erased, and the certificates of it.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'

const LOOK_AGAIN_MS = 5000

/** Looks again while one is under way. */
export const erasuresQuery = (cursor: string | undefined) =>
  queryOptions({
    queryKey: ['owner', 'erasures', { cursor }],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/owner/erasures', { params: { query: { cursor } }, signal })),
    refetchInterval: ({ state }) =>
      state.data?.items.some((one) => !one.erased_at) ? LOOK_AGAIN_MS : false,
  })

export const erasureQuery = (company_id: string) =>
  queryOptions({
    queryKey: ['owner', 'erasures', company_id],
    queryFn: ({ signal }) =>
      ok(api.GET('/api/owner/erasures/{company_id}', { params: { path: { company_id } }, signal })),
    retry: false,
  })
