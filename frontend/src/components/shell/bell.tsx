// The bell: how much somebody has not read. What comes while they are here is said to screen readers.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { plural } from '~/lib/format'
import { lateMenu } from '../late-menu'
import { BellButton } from './bell-button'
import { unreadQuery } from './notifications'

const BellMenu = lateMenu(BellButton, () => import('./bell-menu'), 'dialog')

export function Bell() {
  const counted = useQuery(unreadQuery).data?.counted
  const unread = counted?.unread ?? 0
  const [said, say] = useState('')
  const before = useRef<number>(undefined)
  useEffect(() => {
    if (counted === undefined) return
    if (before.current !== undefined && unread > before.current)
      say(plural(unread, 'unread notification'))
    if (unread === 0) say('')
    before.current = unread
  }, [counted, unread])
  return (
    <>
      <BellMenu unread={unread} />
      <output className="visually-hidden">{said}</output>
    </>
  )
}
