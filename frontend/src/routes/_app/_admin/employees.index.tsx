import { createFileRoute, stripSearchParams } from '@tanstack/react-router'
import { EmployeesPage } from '~/features/employees/employees-page'
import { employeesDefaults, employeesSearch } from '~/features/employees/search'

export const Route = createFileRoute('/_app/_admin/employees/')({
  validateSearch: employeesSearch,
  search: { middlewares: [stripSearchParams(employeesDefaults)] },
  component: EmployeesPage,
})
