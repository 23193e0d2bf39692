// The face of the menu of one person.
import { ActionIcon } from '@mantine/core'
import { EllipsisVertical } from 'lucide-react'
import type { Employee } from '~/api/types'
import type { TargetProps } from '~/components/late-menu'

export function EmployeeButton({ person, ...props }: TargetProps & { person: Employee }) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={32}
      {...props}
      aria-label={`Actions for ${person.name || person.email}`}
    >
      <EllipsisVertical size={18} aria-hidden />
    </ActionIcon>
  )
}
