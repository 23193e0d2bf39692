// Who works now: everybody with access in four groups, asked again while somebody looks.
import { Card, Checkbox, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useInterval } from '@mantine/hooks'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Coffee, EyeOff, type LucideIcon, Power, Tv, UserCheck, Users } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useMe, useZone } from '~/api/me'
import type { Live, LivePerson, LiveState } from '~/api/types'
import { Empty } from '~/components/empty'
import { FilterBar } from '~/components/filter-bar'
import { ButtonLink } from '~/components/links'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { Problem } from '~/components/problem'
import { SearchField } from '~/components/search-field'
import { StatTile, StatTiles, TilesSkeleton } from '~/components/stat-tile'
import { TeamFilter } from '~/components/teams/team-filter'
import { count, plural } from '~/lib/format'
import { zoneLabel } from '~/lib/time'
import c from './live-page.module.css'
import { grouped, STATES, useHeldPlaces } from './order'
import { PeopleTable, WORDS } from './people-table'
import { liveQuery } from './queries'
import type { LiveSearch } from './search'
import { Wall } from './wall'

const route = getRouteApi('/_app/_people/live')

/** Older than this it is no longer told as how things are now. */
const STALE_MS = 60_000

const ICONS: Record<LiveState, LucideIcon> = {
  working: UserCheck,
  idle: Coffee,
  private: EyeOff,
  offline: Power,
}

export function LivePage() {
  const search = route.useSearch()
  const live = useQuery(liveQuery(search))
  const zone = useZone()
  // A role that was taken away is no reason to go on showing what it opened.
  const refused = live.error && [401, 403].includes((live.error as { status?: number }).status ?? 0)
  return (
    <Page
      title="Live"
      purpose={`Who works now, and what their day sums up to. Times in ${zoneLabel(zone)}.`}
      actions={
        live.data &&
        !refused && (
          <>
            <Age query={live} />
            <ButtonLink
              to="/live"
              search={(old) => ({ ...old, wall: true })}
              variant="default"
              leftSection={<Tv size={16} aria-hidden />}
            >
              For a wall
            </ButtonLink>
          </>
        )
      }
    >
      {live.data && !refused && search.wall ? (
        <Wall live={live.data.live} age={<Age query={live} />} />
      ) : live.data && !refused ? (
        <Filled live={live.data.live} at={live.dataUpdatedAt} />
      ) : live.error ? (
        <Problem error={live.error} onRetry={() => void live.refetch()} />
      ) : (
        <div className="late" aria-busy="true">
          <output className="visually-hidden">Loading</output>
          <TilesSkeleton count={4} />
          <Skeleton h={420} mt="lg" />
        </div>
      )}
    </Page>
  )
}

/** How old the answer is; the only thing of the page that changes every second. */
function Age({ query }: { query: Pick<UseQueryResult, 'dataUpdatedAt' | 'error'> }) {
  const [now, setNow] = useState(() => Date.now())
  useInterval(() => setNow(Date.now()), 1000, { autoInvoke: true })
  const age = Math.max(0, now - query.dataUpdatedAt)
  const stale = age >= STALE_MS
  const seconds = Math.floor(age / 1000)
  return (
    <Text size="sm" fw={550} className={c.age} data-stale={stale || undefined}>
      {stale
        ? `Not live: ${plural(Math.floor(seconds / 60), 'minute')} old`
        : `Live, ${seconds} s ago`}
      {query.error && ', trying again'}
    </Text>
  )
}

function Filled({ live, at }: { live: Live; at: number }) {
  const search = route.useSearch()
  const setsUp = useMe().role === 'ADMIN'
  const { items } = live
  if (items.length === 0 && search.team)
    return (
      <>
        <Filters />
        <NoMatch title="Nobody is in this team" />
      </>
    )
  return (
    <>
      <StatTiles>
        {STATES.map((state) => (
          <StatTile
            key={state}
            icon={ICONS[state]}
            label={WORDS[state].word}
            value={count(live.counts[state])}
          />
        ))}
      </StatTiles>
      <Filters />
      {items.every(({ last_seen_at }) => !last_seen_at) ? (
        <Empty
          icon={Users}
          title="No agent has been heard yet"
          action={
            setsUp && (
              <ButtonLink to="/dashboard/admin" variant="default">
                Set up agents
              </ButtonLink>
            )
          }
        >
          Whoever signs an agent in shows up here within seconds.
        </Empty>
      ) : (
        <Groups people={items} at={at} />
      )}
      <Announcer live={live} />
    </>
  )
}

function Groups({ people, at }: { people: LivePerson[]; at: number }) {
  const { q } = route.useSearch()
  const zone = useZone()
  const list = useRef<HTMLDivElement>(null)
  const places = useHeldPlaces(people, list)
  const part = q?.toLowerCase()
  const shown = part ? people.filter(({ name }) => name.toLowerCase().includes(part)) : people
  const groups = grouped(shown, places)
  const now = new Date(at)
  return (
    <Stack gap="lg" ref={list}>
      {shown.length === 0 && <NoMatch title="Nobody matches" />}
      {shown.length > 0 &&
        STATES.map((state) => {
          const listed = groups.get(state) ?? []
          return (
            <Card key={state} p={0} component="section" aria-label={WORDS[state].word}>
              <Group gap="xs" px="md" py="sm">
                <Title order={2} size="h5">
                  {WORDS[state].word}
                </Title>
                <Text c="dimmed" size="sm">
                  {count(listed.length)}
                </Text>
              </Group>
              {listed.length === 0 ? (
                <Text c="dimmed" size="sm" px="md" pb="md">
                  {part ? 'Nobody of that name.' : WORDS[state].none}
                </Text>
              ) : (
                <PeopleTable state={state} people={listed} zone={zone} now={now} />
              )}
            </Card>
          )
        })}
      <Text size="xs" c="dimmed">
        Idle is who gave no input in the last minute that was recorded; of private time nothing is
        known but that it began. Offline is of whom nothing was heard for three minutes. Whoever is
        there or has time today can read that you looked, once in ten minutes.
      </Text>
    </Stack>
  )
}

function Filters() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const go = (change: Partial<LiveSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true, resetScroll: false })
  return (
    <Card p={0}>
      <FilterBar
        search={
          <SearchField label="Search people" initial={search.q} onSearch={(q) => go({ q })} />
        }
        filters={<TeamFilter none value={search.team} onChange={(team) => go({ team })} />}
        actions={null}
      />
    </Card>
  )
}

/** Says once a minute how many are where, to whoever asked for it. */
function Announcer({ live: { counts } }: { live: Live }) {
  const [on, setOn] = useState(false)
  const [said, setSaid] = useState('')
  const latest = useRef('')
  latest.current = STATES.map((state) => `${count(counts[state])} ${state}`).join(', ')
  useEffect(() => {
    if (!on) return setSaid('')
    const say = () => setSaid(latest.current)
    say()
    const timer = setInterval(say, 60_000)
    return () => clearInterval(timer)
  }, [on])
  return (
    <>
      <Checkbox
        label="Read out the numbers once a minute"
        checked={on}
        onChange={({ currentTarget: { checked } }) => setOn(checked)}
      />
      <output className="visually-hidden">{said}</output>
    </>
  )
}
