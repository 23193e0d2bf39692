// What an admin does with one team of the list.
import { ActionIcon } from '@mantine/core'
import { EllipsisVertical } from 'lucide-react'
import type { Team } from '~/api/types'
import { lateMenu, type TargetProps } from '~/components/late-menu'

export function TeamButton({ team, ...props }: TargetProps & { team: Team }) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={32}
      {...props}
      aria-label={`Actions for ${team.name}`}
    >
      <EllipsisVertical size={18} aria-hidden />
    </ActionIcon>
  )
}

export const TeamMenu = lateMenu<{ team: Team }>(TeamButton, () => import('./team-actions'))
