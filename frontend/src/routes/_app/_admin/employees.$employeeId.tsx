import { createFileRoute } from '@tanstack/react-router'
import { dayQuery } from '~/components/timeline/queries'
import { daySearch } from '~/components/timeline/search'
import { EmployeePage } from '~/features/employees/employee-page'
import { employeeQuery } from '~/features/employees/queries'
import { prefetchInZone } from '~/lib/prefetch'
import { dayIn } from '~/lib/time'

export const Route = createFileRoute('/_app/_admin/employees/$employeeId')({
  validateSearch: daySearch,
  loaderDeps: ({ search }) => ({ day: search.day }),
  loader: ({ context: { queryClient }, params: { employeeId }, deps }) => {
    void queryClient.prefetchQuery(employeeQuery(employeeId))
    void prefetchInZone(queryClient, (zone) => [dayQuery(employeeId, deps.day, dayIn(zone))])
  },
  component: EmployeePage,
})
