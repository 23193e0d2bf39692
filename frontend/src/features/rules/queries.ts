// The company's productivity rules: an ordered list that is changed as a whole, what it makes of the past, and a test.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { NewRule, RuleList, RuleTest } from '~/api/types'

/** A list that is about to be changed is the one of now. */
export const rulesQuery = queryOptions({
  queryKey: ['rules', 'list'],
  queryFn: ({ signal }) => ok(api.GET('/api/rules', { signal })),
  staleTime: 0,
})

/** What is used most and has no rule. */
export const candidatesQuery = queryOptions({
  queryKey: ['rules', 'candidates'],
  queryFn: ({ signal }) => ok(api.GET('/api/rules/candidates', { signal })),
})

/** While people are being sorted somebody waits for the last of them. */
export const reclassificationQuery = queryOptions({
  queryKey: ['rules', 'reclassification'],
  queryFn: ({ signal }) => ok(api.GET('/api/rules/reclassification', { signal })),
  staleTime: 0,
  refetchInterval: ({ state: { data } }) => (data && data.waiting > 0 ? 2_000 : false),
})

/** Refused with `precondition_failed` when the list is not what was seen any more. */
export function useChangeRules() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ seen, items }: { seen: RuleList; items: NewRule[] }) => {
      const header = { 'If-Match': `"${seen.version}"` }
      return ok(api.PUT('/api/rules', { params: { header }, body: { items } }))
    },
    onSuccess: (after) => {
      cache.setQueryData(rulesQuery.queryKey, after)
      void cache.invalidateQueries({ queryKey: reclassificationQuery.queryKey })
      void cache.invalidateQueries({ queryKey: candidatesQuery.queryKey })
      void cache.invalidateQueries({ queryKey: ['usage'] })
    },
    onError: () => void cache.invalidateQueries({ queryKey: rulesQuery.queryKey }),
  })
}

export const useTestRules = () =>
  useMutation({ mutationFn: (body: RuleTest) => ok(api.POST('/api/rules/test', { body })) })
