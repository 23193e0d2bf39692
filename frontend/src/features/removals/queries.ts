// People who were removed for good.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'

const LOOK_AGAIN_MS = 2000

/** Looks again while somebody is being removed. */
export const removalsQuery = (cursor: string | undefined) =>
  queryOptions({
    queryKey: ['removals', { cursor }],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/removals', { params: { query: { cursor } }, signal })),
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ removed_at }) => !removed_at) ? LOOK_AGAIN_MS : false,
  })
