import { createFileRoute } from '@tanstack/react-router'
import { daySearch } from '~/components/timeline/search'
import { EmployeePage } from '~/features/employees/employee-page'
import { employeeQuery } from '~/features/employees/queries'

export const Route = createFileRoute('/_app/_admin/employees/$employeeId')({
  validateSearch: daySearch,
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(employeeQuery(params.employeeId))
  },
  component: EmployeePage,
})
