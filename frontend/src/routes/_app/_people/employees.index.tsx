import { createFileRoute } from '@tanstack/react-router'
import { EmployeesPage } from '~/features/employees/employees-page'
import { employeesSearch } from '~/features/employees/search'

export const Route = createFileRoute('/_app/_people/employees/')({
  validateSearch: employeesSearch,
  component: EmployeesPage,
})
