// Who works now, asked again every quarter of a minute while somebody looks: the server sends nothing when nothing has
// changed, and is asked less often when it says that this is too much.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { asAppError } from '~/api/errors'
import type { Live } from '~/api/types'
import type { LiveSearch } from './search'

const EVERY_MS = 15_000
/** Pages that were opened at the same moment do not all ask at the same moment. */
const JITTER_MS = 3_000
const LONGEST_MS = 120_000

type Polled = { error: unknown; dataUpdatedAt: number; errorUpdatedAt: number }

/** How long until it is asked again. The same while nothing happens: another answer would begin the wait anew. */
export function pauseAfter({ error, dataUpdatedAt, errorUpdatedAt }: Polled): number {
  if (!error) return EVERY_MS + (dataUpdatedAt % JITTER_MS)
  const { retryAfter } = asAppError(error)
  // Where the server does not say, as long again as it has failed already.
  const wait = retryAfter ? retryAfter * 1000 : dataUpdatedAt && errorUpdatedAt - dataUpdatedAt
  return Math.min(Math.max(wait, EVERY_MS), LONGEST_MS) + (errorUpdatedAt % JITTER_MS)
}

type Kept = { live: Live; tag: string | null }

const idOf = (text: string | undefined) =>
  text && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text) ? text : undefined

export function liveQuery({ team }: Pick<LiveSearch, 'team'>) {
  const query = { team_id: idOf(team), without_team: team === 'none' || undefined }
  return queryOptions({
    queryKey: ['live', query],
    placeholderData: keepPreviousData,
    // Back from another tab or page, it is asked at once.
    staleTime: 0,
    retry: false,
    queryFn: async ({ signal, client, queryKey }): Promise<Kept> => {
      const known = client.getQueryData<Kept>(queryKey)
      const header = known?.tag ? { 'If-None-Match': known.tag } : {}
      const call = api.GET('/api/live', { params: { query, header }, signal })
      const { response } = await call.catch(() => ({ response: undefined }))
      if (response?.status === 304 && known) return known
      return { live: await ok(call), tag: response?.headers.get('etag') ?? null }
    },
    refetchInterval: ({ state }) => pauseAfter(state),
  })
}
