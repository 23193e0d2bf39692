// The company's figures: today, by day, by application, by site; and its key.
import { keepPreviousData, queryOptions, useMutation } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { Input } from '~/api/types'

/** Today's figures are asked for again while somebody looks. */
const LIVE_MS = 30_000

export const todayQuery = queryOptions({
  queryKey: ['usage', 'today'],
  refetchInterval: LIVE_MS,
  queryFn: ({ signal }) => ok(api.GET('/api/usage/today', { signal })),
})

type Range = { from: string; to: string }

export const dailyQuery = (range: Range) =>
  queryOptions({
    queryKey: ['usage', 'daily', 'company', range],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/usage/daily', { params: { query: range }, signal })),
  })

export const appsQuery = (range: Range) =>
  queryOptions({
    queryKey: ['usage', 'apps', 'company', range],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/usage/apps', { params: { query: range }, signal })),
  })

export const hostsQuery = (range: Range) =>
  queryOptions({
    queryKey: ['usage', 'hosts', 'company', range],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/usage/hosts', { params: { query: range }, signal })),
  })

/** The answer is kept nowhere but in the open dialog. */
export const useRevealOwnKey = () =>
  useMutation({
    gcTime: 0,
    mutationFn: (body: Input<'/api/company-key/reveal'>) =>
      ok(api.POST('/api/company-key/reveal', { body })),
  })
