// What an admin does with one person of the list.
import type { Employee } from '~/api/types'
import { lateMenu } from '~/components/late-menu'
import { EmployeeButton } from './employee-button'

export const EmployeeMenu = lateMenu<{ person: Employee }>(
  EmployeeButton,
  () => import('./employee-actions'),
)
