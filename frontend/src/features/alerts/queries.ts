// Alerts, the rules that find them, and what is changed of both.
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, done, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import { useRefresh } from '~/api/refresh'
import type { AlertRule, AlertRulePatch, Input } from '~/api/types'
import { dayIn } from '~/lib/time'
import type { AlertsSearch } from './search'

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const idOf = (text: string | undefined) => (text && UUID.test(text) ? text : undefined)

/** What the address asks for, in the API's words. What nobody could have chosen is as if nothing was chosen. */
export function filterOf({ state, kind, person, team, from, to }: AlertsSearch) {
  return {
    state: state === 'all' ? undefined : [state],
    kind: kind && [kind],
    user_id: idOf(person),
    team_id: idOf(team),
    from,
    to,
  }
}
export type AlertsFilter = ReturnType<typeof filterOf>

export const alertsQuery = (filter: AlertsFilter, cursor: string | undefined) => {
  const query = { ...filter, cursor }
  return queryOptions({
    queryKey: ['alerts', 'list', query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/alerts', { params: { query }, signal })),
  })
}

export const rulesQuery = queryOptions({
  queryKey: ['alerts', 'rules'],
  staleTime: 0,
  queryFn: ({ signal }) => ok(api.GET('/api/alert-rules', { signal })),
})

export const watchedQuery = queryOptions({
  queryKey: ['alerts', 'watched'],
  queryFn: ({ signal }) => ok(api.GET('/api/me/alert-rules', { signal })),
})

export type NewRule = Input<'/api/alert-rules'>

const seen = ({ id, version }: AlertRule) => ({
  params: { path: { alert_rule_id: id }, header: { 'If-Match': `"${version}"` } },
})

/** Waited for: a rule is switched on and off under the version that the list tells. */
function useVersions() {
  const cache = useQueryClient()
  return () => cache.invalidateQueries({ queryKey: ['alerts'] })
}

export function useCreateRules() {
  const refresh = useVersions()
  return useMutation({
    mutationFn: async (rules: readonly NewRule[]) => {
      for (const body of rules) await ok(api.POST('/api/alert-rules', { body }))
    },
    // Of several some may be there, whatever became of the rest.
    onSettled: refresh,
  })
}

/** Refused with `precondition_failed` when the rule is not what was seen any more. */
export function useChangeRule() {
  const refresh = useVersions()
  return useMutation({
    mutationFn: ({ rule, body }: { rule: AlertRule; body: AlertRulePatch }) =>
      ok(api.PATCH('/api/alert-rules/{alert_rule_id}', { ...seen(rule), body })),
    onSettled: refresh,
  })
}

export function useDeleteRule() {
  const refresh = useRefresh(['alerts'])
  return useMutation({
    mutationFn: (rule: AlertRule) =>
      done(api.DELETE('/api/alert-rules/{alert_rule_id}', seen(rule))),
    onSettled: refresh,
  })
}

export function useAcknowledge() {
  const refresh = useRefresh(['alerts'])
  return useMutation({
    mutationFn: (body: Input<'/api/alerts/acknowledge'>) =>
      ok(api.POST('/api/alerts/acknowledge', { body })),
    onSettled: refresh,
  })
}

export function exportAlerts(filter: AlertsFilter, format: 'csv' | 'xlsx') {
  const query = { ...filter, format }
  const call = api.GET('/api/alerts/export', { params: { query }, parseAs: 'blob' })
  return saveFile(`alerts-${dayIn('UTC')}.${format}`, call)
}
