// Who looked: at a person's, or at one's own.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'

/** `employee_id` is undefined for oneself. */
export const accessQuery = (employee_id: string | undefined, cursor: string | undefined) =>
  queryOptions({
    queryKey: ['access', employee_id, { cursor }],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(
        employee_id
          ? api.GET('/api/employees/{employee_id}/access-entries', {
              params: { path: { employee_id }, query: { cursor } },
              signal,
            })
          : api.GET('/api/me/access-entries', { params: { query: { cursor } }, signal }),
      ),
  })
