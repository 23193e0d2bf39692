// How answers are kept: half a minute fresh, one retry where the network or the server failed, none where we were refused.
import { keepPreviousData, MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { asAppError } from '~/api/errors'
import { meQuery } from '~/api/me'

export { keepPreviousData }

/** `onMustSetUp`: two-factor is asked for since a moment ago, and nothing else is open. */
export function createQueryClient(onMustSetUp: () => void): QueryClient {
  const onRefusal = (thrown: unknown) => {
    if (asAppError(thrown).mustSetUpTwoFactor) onMustSetUp()
  }
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      // A company that was closed a moment ago: ask again who we are, so that the whole page says so.
      onError: (thrown, query) => {
        onRefusal(thrown)
        if (asAppError(thrown).companyInactive && query.queryKey[0] !== 'me')
          void client.invalidateQueries({ queryKey: meQuery.queryKey })
      },
    }),
    mutationCache: new MutationCache({ onError: onRefusal }),
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, thrown) => failures < 1 && worthRetrying(thrown),
        retryDelay: 800,
      },
    },
  })
  return client
}

function worthRetrying(thrown: unknown): boolean {
  const { status, code } = asAppError(thrown)
  return code === 'network' || status >= 500
}
