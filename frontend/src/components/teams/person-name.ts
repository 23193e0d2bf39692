// Who somebody is, of whom only the id is known.
import { queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'

export const employeeNameQuery = (employee_id: string) =>
  queryOptions({
    queryKey: ['employees', 'one', employee_id],
    queryFn: ({ signal }) =>
      ok(api.GET('/api/employees/{employee_id}', { params: { path: { employee_id } }, signal })),
  })
