// The company's people: list, one, invite, deactivate, reactivate.
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { Input } from '~/api/types'
import type { EmployeesSearch } from './search'

const path = (employee_id: string) => ({ params: { path: { employee_id } } })

export const employeesQuery = ({ q, status, cursor }: EmployeesSearch) =>
  queryOptions({
    queryKey: ['employees', 'list', { q, status, cursor }],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(
        api.GET('/api/employees', {
          params: { query: { q, status: status && [status], cursor } },
          signal,
        }),
      ),
  })

export const employeeQuery = (id: string) =>
  queryOptions({
    queryKey: ['employees', 'one', id],
    queryFn: ({ signal }) => ok(api.GET('/api/employees/{employee_id}', { ...path(id), signal })),
  })

export function useInvite() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Input<'/api/employees'>) => ok(api.POST('/api/employees', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['employees'] }),
  })
}

export function useChangeRole(id: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Input<'/api/employees/{employee_id}/change-role'>) =>
      ok(api.POST('/api/employees/{employee_id}/change-role', { ...path(id), body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['employees'] }),
  })
}

export function useEndSignIns(id: string) {
  return useMutation({
    mutationFn: () => ok(api.POST('/api/employees/{employee_id}/end-sign-ins', path(id))),
  })
}

export function useEndTwoFactorOf(id: string) {
  return useMutation({
    mutationFn: (body: Input<'/api/employees/{employee_id}/end-two-factor'>) =>
      ok(api.POST('/api/employees/{employee_id}/end-two-factor', { ...path(id), body })),
  })
}

export function useSetActive(id: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (active: boolean) =>
      ok(
        active
          ? api.POST('/api/employees/{employee_id}/reactivate', path(id))
          : api.POST('/api/employees/{employee_id}/deactivate', path(id)),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['employees'] }),
  })
}
