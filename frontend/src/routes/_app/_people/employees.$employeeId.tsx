import { createFileRoute } from '@tanstack/react-router'
import { EmployeePage } from '~/features/employees/employee-page'
import { employeeSearch } from '~/features/employees/search'

export const Route = createFileRoute('/_app/_people/employees/$employeeId')({
  validateSearch: employeeSearch,
  component: EmployeePage,
})
