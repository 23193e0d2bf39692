// The company's figures: today, by day, by application, by site; and its key.
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
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

/** Devices and first steps change by what others do. */
const NOW_AND_THEN_MS = 60_000

export const overviewDaysQuery = (range: Range) =>
  queryOptions({
    queryKey: ['overview', 'days', range],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/overview/days', { params: { query: range }, signal })),
  })

export const overviewHoursQuery = (range: Range) =>
  queryOptions({
    queryKey: ['overview', 'hours', range],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/overview/hours', { params: { query: range }, signal })),
  })

export const overviewDevicesQuery = queryOptions({
  queryKey: ['overview', 'devices'],
  refetchInterval: NOW_AND_THEN_MS,
  queryFn: ({ signal }) => ok(api.GET('/api/overview/devices', { signal })),
})

export const firstStepsQuery = queryOptions({
  queryKey: ['overview', 'first-steps'],
  queryFn: ({ signal }) => ok(api.GET('/api/overview/first-steps', { signal })),
  // Until all is done somebody waits for the next tick.
  refetchInterval: ({ state: { data } }) =>
    !data || data.dismissed || data.steps.every(({ done }) => done) ? false : 15_000,
})

export function usePutFirstSteps() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (where: 'dismiss' | 'restore') =>
      ok(
        where === 'dismiss'
          ? api.POST('/api/overview/first-steps/dismiss')
          : api.POST('/api/overview/first-steps/restore'),
      ),
    onSuccess: (steps) => cache.setQueryData(firstStepsQuery.queryKey, steps),
  })
}

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
