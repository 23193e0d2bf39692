import { createFileRoute } from '@tanstack/react-router'
import { EmployeesPage } from '~/features/employees/employees-page'
import { employeesSearch } from '~/features/employees/search'

export const Route = createFileRoute('/_app/_admin/employees/')({
  validateSearch: employeesSearch,
  component: EmployeesPage,
})
