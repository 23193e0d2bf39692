// Lists that a change has made old.
import { type QueryKey, useQueryClient } from '@tanstack/react-query'

/**
 * Asks for what lies under these keys again, and does not wait for it: a list that comes without its
 * row takes the row's dialog away before that can say what was done, and go on.
 * What will be changed once more under its new version waits instead.
 */
export function useRefresh(...keys: readonly QueryKey[]) {
  const cache = useQueryClient()
  return () => {
    for (const queryKey of keys) void cache.invalidateQueries({ queryKey })
  }
}
