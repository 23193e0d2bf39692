// The computers on which agents are set up: a person's, or one's own.
import { queryOptions, useMutation } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { useRefresh } from '~/api/refresh'

/** Agents speak once a minute. */
const LOOK_AGAIN_MS = 30_000

/** `employee_id` is undefined for oneself. */
export const devicesQuery = (employee_id?: string) =>
  queryOptions({
    queryKey: ['devices', employee_id],
    refetchInterval: LOOK_AGAIN_MS,
    queryFn: ({ signal }) =>
      ok(
        employee_id
          ? api.GET('/api/employees/{employee_id}/devices', {
              params: { path: { employee_id } },
              signal,
            })
          : api.GET('/api/me/devices', { signal }),
      ),
  })

export function useRevokeDevice(employee_id?: string) {
  // With the device its sign-ins end.
  const refresh = useRefresh(['devices'], ['employees'], ['profile', 'sign-ins'])
  return useMutation({
    mutationFn: (device_id: string) =>
      ok(
        employee_id
          ? api.POST('/api/employees/{employee_id}/devices/{device_id}/revoke', {
              params: { path: { employee_id, device_id } },
            })
          : api.POST('/api/me/devices/{device_id}/revoke', { params: { path: { device_id } } }),
      ),
    onSuccess: refresh,
  })
}
