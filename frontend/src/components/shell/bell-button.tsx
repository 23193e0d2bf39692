// The button of the bell: with the list behind it or before that has come.
import { ActionIcon } from '@mantine/core'
import { Bell } from 'lucide-react'
import { count } from '~/lib/format'
import type { TargetProps } from '../late-menu'
import c from './bell.module.css'

export function BellButton({ unread, ...props }: { unread: number } & TargetProps) {
  const label = unread > 0 ? `Notifications, ${count(unread)} unread` : 'Notifications'
  return (
    <ActionIcon
      variant="default"
      size={36}
      aria-label={label}
      title={label}
      pos="relative"
      // The library cuts off what stands out of the button.
      style={{ overflow: 'visible' }}
      {...props}
    >
      <Bell size={16} aria-hidden />
      {unread > 0 && (
        <span className={c.count} aria-hidden>
          {unread > 99 ? '99+' : unread}
        </span>
      )}
    </ActionIcon>
  )
}
