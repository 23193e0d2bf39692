// The live page on a screen that everybody sees: as large as it gets, nothing to click but the way back. No tasks and no
// times: what passes by a wall is read by people who have no business with them.
import { ActionIcon, Group, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { shownName, useMe } from '~/api/me'
import type { Live } from '~/api/types'
import { teamChoicesQuery } from '~/components/teams/queries'
import { count } from '~/lib/format'
import { STATES } from './order'
import { WORDS } from './people-table'
import c from './wall.module.css'

const route = getRouteApi('/_app/_people/live')

export function Wall({ live, age }: { live: Live; age: ReactNode }) {
  const { team } = route.useSearch()
  const teams = useQuery(teamChoicesQuery).data?.items ?? []
  const navigate = route.useNavigate()
  const me = useMe()
  const wall = useRef<HTMLDialogElement>(null)
  const leave = () => void navigate({ search: (old) => ({ ...old, wall: false }), replace: true })
  useEffect(() => wall.current?.showModal(), [])
  useAwake()
  const chosen = team === 'none' ? 'In no team' : teams.find(({ id }) => id === team)?.name
  const there = live.items.filter(({ state }) => state !== 'offline')
  return (
    <dialog ref={wall} className={c.wall} aria-label="Live, for a wall" onClose={leave}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Title order={2} className={c.title}>
          {[shownName(me), chosen].filter(Boolean).join(', ')}
        </Title>
        <Group gap="sm" wrap="nowrap">
          {age}
          <ActionIcon variant="default" size="lg" aria-label="Leave the wall" onClick={leave}>
            <X size={18} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      <dl className={c.counts}>
        {STATES.map((state) => (
          <div key={state} className={c.count} data-state={state}>
            <dt>{WORDS[state].word}</dt>
            <dd className="numbers">{count(live.counts[state])}</dd>
          </div>
        ))}
      </dl>
      {there.length === 0 ? (
        <Text className={c.none}>Nobody is there at this moment.</Text>
      ) : (
        <ul className={c.people}>
          {there.map(({ user_id, name, state }) => (
            <li key={user_id} data-state={state}>
              <span className={c.name}>{name}</span>
              <span className={c.state}>{WORDS[state]?.word}</span>
            </li>
          ))}
        </ul>
      )}
    </dialog>
  )
}

/** Keeps the screen on, as far as the browser lets it; asked for anew whenever the tab comes back. */
function useAwake() {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined
    let left = false
    const ask = async () => {
      if (document.visibilityState !== 'visible') return
      // Refused on battery, or not known at all: then the screen goes by its own settings.
      const got = await navigator.wakeLock?.request('screen').catch(() => undefined)
      if (left) void got?.release()
      else lock = got
    }
    void ask()
    document.addEventListener('visibilitychange', ask)
    return () => {
      left = true
      document.removeEventListener('visibilitychange', ask)
      void lock?.release()
    }
  }, [])
}
