// Plans: the list, one of them as it is right now, making and changing.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { Input, Plan } from '~/api/types'
import type { STATUSES } from './search'

const ONE = '/api/owner/plans/{plan_id}'
const at = (plan_id: string) => ({ path: { plan_id } })

export const plansQuery = (status?: (typeof STATUSES)[number]) =>
  queryOptions({
    queryKey: ['plans', 'list', { status }],
    queryFn: ({ signal }) =>
      ok(api.GET('/api/owner/plans', { params: { query: { status } }, signal })),
  })

/** What a company can be given. */
export const choosablePlansQuery = plansQuery('active')

/** A form begins with what is true now, not half a minute ago. */
export const planQuery = (id: string) =>
  queryOptions({
    queryKey: ['plans', 'one', id],
    queryFn: ({ signal }) => ok(api.GET(ONE, { params: at(id), signal })),
    staleTime: 0,
    gcTime: 0,
  })

function useChange<I, O>(work: (input: I) => Promise<O>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: work,
    // Limits of companies follow their plan's.
    onSuccess: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: ['plans', 'list'] }),
        cache.invalidateQueries({ queryKey: ['companies'] }),
      ]),
  })
}

export type PlanTerms = Input<'/api/owner/plans'>
export type PlanChanges = Input<typeof ONE, 'patch'>

export const useCreatePlan = () =>
  useChange((body: PlanTerms) => ok(api.POST('/api/owner/plans', { body })))

/** Refused with `precondition_failed` when the plan is not what `seen` says any more. */
export const useChangePlanTerms = () =>
  useChange(({ seen, body }: { seen: Pick<Plan, 'id' | 'version'>; body: PlanChanges }) =>
    ok(
      api.PATCH(ONE, {
        params: { ...at(seen.id), header: { 'If-Match': `"${seen.version}"` } },
        body,
      }),
    ),
  )

/** Changes nothing, so nothing is asked again. */
export const useSimulation = (id: string) =>
  useMutation({
    mutationFn: (body: PlanChanges) => ok(api.POST(`${ONE}/simulate`, { params: at(id), body })),
  })
