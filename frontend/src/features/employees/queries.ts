// The company's people: list, one, invite, deactivate, reactivate.
import { keepPreviousData, queryOptions, useMutation } from '@tanstack/react-query'
import { api, done, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import { useRefresh } from '~/api/refresh'
import type { Input } from '~/api/types'
import { dayIn } from '~/lib/time'
import type { EmployeesSearch } from './search'

const path = (employee_id: string) => ({ params: { path: { employee_id } } })

export const STATUSES = ['active', 'invited', 'deactivated'] as const
export const ROLES = ['ADMIN', 'TEAM_ADMIN', 'EMPLOYEE'] as const
/** By what the list may be sorted; anything else in the address means by name. */
const SORTS = [
  'name',
  'role',
  'status',
  'team',
  'last_seen_at',
  'tracked_seconds_today',
  'devices',
  'created_at',
]
export const sortOf = ({ sort = 'name' }: Filter) =>
  SORTS.includes(sort.replace(/^-/, '')) ? sort : 'name'

type Filter = Partial<Omit<EmployeesSearch, 'invite'>>

/** Anything that no team is called means everybody. */
const teamOf = ({ team }: Filter) =>
  team && /^(none|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})$/.test(team) ? team : undefined

function filterOf(search: Filter) {
  const { q } = search
  const team = teamOf(search)
  const status = STATUSES.find((status) => status === search.status)
  const role = ROLES.find((role) => role === search.role)
  return {
    q,
    status: status && [status],
    role: role && [role],
    team_id: team && team !== 'none' ? [team] : undefined,
    without_team: team === 'none' || undefined,
    sort: sortOf(search),
  }
}

export const employeesQuery = (search: Filter) => {
  const query = { ...filterOf(search), cursor: search.cursor }
  return queryOptions({
    queryKey: ['employees', 'list', query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/employees', { params: { query }, signal })),
  })
}

export function exportEmployees(search: Filter, format: 'csv' | 'xlsx') {
  const query = { ...filterOf(search), format }
  const call = api.GET('/api/employees/export', { params: { query }, parseAs: 'blob' })
  return saveFile(`employees-${dayIn('UTC')}.${format}`, call)
}

export const employeeQuery = (id: string) =>
  queryOptions({
    queryKey: ['employees', 'one', id],
    queryFn: ({ signal }) => ok(api.GET('/api/employees/{employee_id}', { ...path(id), signal })),
  })

export const signInCountsQuery = (id: string) =>
  queryOptions({
    queryKey: ['employees', 'sign-ins', id],
    queryFn: ({ signal }) =>
      ok(api.GET('/api/employees/{employee_id}/sign-ins', { ...path(id), signal })),
  })

export function useInvite() {
  const refresh = useRefresh(['employees'])
  return useMutation({
    mutationFn: (body: Input<'/api/employees'>) => ok(api.POST('/api/employees', { body })),
    onSuccess: refresh,
  })
}

/** People and invitations change, and how many of them a team has. */
const useListsAgain = () => useRefresh(['employees'], ['teams'])

export function useInviteMany() {
  const refresh = useListsAgain()
  return useMutation({
    mutationFn: (body: Input<'/api/employees/invite-many'>) =>
      ok(api.POST('/api/employees/invite-many', { body })),
    onSuccess: refresh,
  })
}

export function useResend(id: string) {
  const refresh = useListsAgain()
  return useMutation({
    // The answer holds the link: it goes with the dialog.
    gcTime: 0,
    mutationFn: () => ok(api.POST('/api/employees/{employee_id}/resend-invitation', path(id))),
    onSuccess: refresh,
  })
}

export function useRevokeInvitation(id: string) {
  const refresh = useListsAgain()
  return useMutation({
    mutationFn: () => done(api.POST('/api/employees/{employee_id}/revoke-invitation', path(id))),
    onSuccess: refresh,
  })
}

export function useChangeRole(id: string) {
  const refresh = useRefresh(['employees'])
  return useMutation({
    mutationFn: (body: Input<'/api/employees/{employee_id}/change-role'>) =>
      ok(api.POST('/api/employees/{employee_id}/change-role', { ...path(id), body })),
    onSuccess: refresh,
  })
}

export function useEndSignIns(id: string) {
  const refresh = useListsAgain()
  return useMutation({
    mutationFn: () => ok(api.POST('/api/employees/{employee_id}/end-sign-ins', path(id))),
    onSuccess: refresh,
  })
}

export function useEndTwoFactorOf(id: string) {
  return useMutation({
    mutationFn: (body: Input<'/api/employees/{employee_id}/end-two-factor'>) =>
      ok(api.POST('/api/employees/{employee_id}/end-two-factor', { ...path(id), body })),
  })
}

export function useRemove(employee_id: string) {
  const refresh = useRefresh(['employees'], ['teams'], ['removals'])
  return useMutation({
    mutationFn: (proof: Omit<Input<'/api/removals'>, 'employee_id'>) =>
      ok(api.POST('/api/removals', { body: { employee_id, ...proof } })),
    onSuccess: refresh,
  })
}

export function useSetActive(id: string) {
  const refresh = useRefresh(['employees'])
  return useMutation({
    mutationFn: (active: boolean) =>
      ok(
        active
          ? api.POST('/api/employees/{employee_id}/reactivate', path(id))
          : api.POST('/api/employees/{employee_id}/deactivate', path(id)),
      ),
    onSuccess: refresh,
  })
}
