// The list behind the bell. Opening one reads it; what it says in words is made here, from what happened.
import { Button, Popover, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useMe } from '~/api/me'
import type { Notification } from '~/api/types'
import { whyReadOnly } from '~/lib/can'
import { ago } from '~/lib/time'
import { useOpenOnArrival } from '../late-menu'
import { AnchorLink } from '../links'
import { Loaded } from '../loaded'
import c from './bell.module.css'
import { BellButton } from './bell-button'
import { wordsOf } from './notification-words'
import { listQuery, useRead } from './notifications'

export default function BellMenu({ unread }: { unread: number }) {
  const { target, menu } = useOpenOnArrival()
  const close = () => menu.onChange(false)
  return (
    <Popover
      {...menu}
      position="bottom-end"
      width={340}
      trapFocus
      returnFocus
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <BellButton
          unread={unread}
          // The library's own ref comes through here.
          ref={target}
          onClick={() => menu.onChange(!menu.opened)}
        />
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label="Notifications">
        <List unread={unread} onLeave={close} />
      </Popover.Dropdown>
    </Popover>
  )
}

function List({ unread, onLeave }: { unread: number; onLeave: () => void }) {
  const list = useQuery(listQuery)
  const { refetch } = list
  const read = useRead()
  const readOnly = whyReadOnly(useMe())
  const newest = list.data?.items[0]?.id
  // What came while the list is open is listed too.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the number is what it is asked again for
  useEffect(() => void refetch(), [unread, refetch])
  return (
    <>
      <div className={c.head}>
        <Text fw={650} size="sm">
          Notifications
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          disabled={unread === 0 || !newest || Boolean(readOnly)}
          loading={read.isPending}
          onClick={() => newest && read.mutate({ up_to_id: newest })}
        >
          Mark all as read
        </Button>
      </div>
      <Loaded query={list} skeleton={<Skeleton h={120} m="sm" w="auto" />}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed" p="md" ta="center">
              Nothing yet.
            </Text>
          ) : (
            <ul className={c.list}>
              {items.map((one) => (
                <li key={one.id} className={c.item}>
                  <Item
                    told={one}
                    onOpen={() => {
                      if (!one.read_at && !readOnly) read.mutate({ notification_ids: [one.id] })
                      onLeave()
                    }}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <AnchorLink
        to="/profile"
        hash="notifications"
        size="sm"
        display="block"
        p="sm"
        onClick={onLeave}
      >
        What I am told, and how
      </AnchorLink>
    </>
  )
}

function Item({ told, onOpen }: { told: Notification; onOpen: () => void }) {
  const { text, ...where } = wordsOf(told)
  return (
    <AnchorLink
      {...where}
      className={c.link}
      data-unread={!told.read_at || undefined}
      underline="never"
      onClick={onOpen}
    >
      <Text size="sm" className={c.what}>
        {text}
        {!told.read_at && <span className="visually-hidden"> (unread)</span>}
      </Text>
      <Text size="xs" c="dimmed" className="capital">
        {ago(told.created_at, new Date(), 'short')}
      </Text>
    </AnchorLink>
  )
}
