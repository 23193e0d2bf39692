// One company as its vendor sees it.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { Answer } from '~/api/types'

export const BASE = '/api/owner/companies/{company_id}'
export const at = (company_id: string) => ({ path: { company_id } })

export const companyQuery = (id: string) =>
  queryOptions({
    queryKey: ['companies', 'one', id],
    queryFn: ({ signal }) => ok(api.GET(BASE, { params: at(id), signal })),
  })

export const usageQuery = (id: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['companies', 'usage', id, from, to],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET(`${BASE}/usage`, { params: { ...at(id), query: { from, to } }, signal })),
  })

type History = Answer<`${typeof BASE}/subscriptions`>

export const historyQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['companies', 'history', id],
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: History) => page.next_cursor ?? undefined,
    queryFn: ({ signal, pageParam }): Promise<History> =>
      ok(
        api.GET(`${BASE}/subscriptions`, {
          params: { ...at(id), query: { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
  })

export const overridesQuery = (id: string) =>
  queryOptions({
    queryKey: ['companies', 'overrides', id],
    queryFn: ({ signal }) => ok(api.GET(`${BASE}/overrides`, { params: at(id), signal })),
  })

type Notes = Answer<`${typeof BASE}/notes`>
export const notesKey = (id: string) => ['companies', 'notes', id]

export const notesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: notesKey(id),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Notes) => page.next_cursor ?? undefined,
    queryFn: ({ signal, pageParam }): Promise<Notes> =>
      ok(
        api.GET(`${BASE}/notes`, {
          params: { ...at(id), query: { limit: 20, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
  })
