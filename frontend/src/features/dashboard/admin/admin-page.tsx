// The ADMIN's start page: who works now, today's time, the days before, where the time goes, setting up agents.
import { NativeSelect, SimpleGrid, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Clock, MousePointerClick, UserCheck, Users } from 'lucide-react'
import { useMe, useZone } from '~/api/me'
import type { Answer } from '~/api/types'
import { ChartCard } from '~/components/charts/chart-card'
import { HoursBars, hoursTable } from '~/components/charts/hours'
import { AnchorLink, ButtonLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { StatTile, StatTiles, TilesSkeleton } from '~/components/stat-tile'
import { count, duration, percent, plural } from '~/lib/format'
import { dayIn, formatDay, formatTime, lastDays, zoneLabel } from '~/lib/time'
import { AgentSetup } from './agent-setup'
import { dailyQuery, todayQuery } from './queries'
import { RANGES } from './search'
import { TopCard } from './top-card'

const route = getRouteApi('/_app/_admin/dashboard/admin')
const HEIGHT = 260

export function AdminDashboardPage() {
  const zone = useZone()
  const { days } = route.useSearch()
  const today = useQuery(todayQuery)
  const range = lastDays(Number(days), dayIn(zone))
  return (
    <Page
      title="Overview"
      purpose={`Today and the last ${days} days at ${useMe().company?.name ?? 'your company'}.`}
      actions={<RangeSelect />}
    >
      <Loaded query={today} skeleton={<TilesSkeleton count={4} />}>
        {(figures) => (
          <div>
            <Tiles figures={figures} />
            <Text size="xs" c="dimmed" mt="xs">
              {formatDay(figures.day, 'long')}, updated {formatTime(figures.as_of, zone)} in{' '}
              {zoneLabel(figures.time_zone)}
            </Text>
          </div>
        )}
      </Loaded>
      <HoursCard {...range} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <TopCard kind="apps" range={range} />
        <TopCard kind="hosts" range={range} />
      </SimpleGrid>
      <AgentSetup />
    </Page>
  )
}

function RangeSelect() {
  const { days } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <NativeSelect
      aria-label="Range"
      value={days}
      data={RANGES.map((value) => ({ value, label: `Last ${value} days` }))}
      onChange={({ currentTarget: { value } }) =>
        void navigate({
          search: { days: value as (typeof RANGES)[number] },
          replace: true,
          resetScroll: false,
        })
      }
    />
  )
}

function Tiles({ figures }: { figures: Answer<'/api/usage/today'> }) {
  const { tracked_seconds, active_seconds, tracked_seconds_last_week } = figures
  return (
    <StatTiles>
      <StatTile
        icon={UserCheck}
        label="Working now"
        value={count(figures.working_now - figures.idle_now)}
        hint={
          <AnchorLink to="/live" inherit>
            {count(figures.idle_now)} idle, {count(figures.private_now)} private,{' '}
            {count(figures.offline_now)} offline
          </AnchorLink>
        }
      />
      <StatTile
        icon={Clock}
        label="Hours today"
        value={duration(tracked_seconds)}
        hint={`Same day last week ${duration(tracked_seconds_last_week)}`}
      />
      <StatTile
        icon={MousePointerClick}
        label="Active share"
        value={percent(active_seconds, tracked_seconds) ?? '–'}
        hint={`${duration(active_seconds)} of ${duration(tracked_seconds)} tracked`}
      />
      <StatTile
        icon={Users}
        label="Per person"
        value={figures.people ? duration(tracked_seconds / figures.people) : '–'}
        hint={`Tracked today by ${plural(figures.people, 'person', 'people')}, on average`}
      />
    </StatTiles>
  )
}

function HoursCard({ from, to }: { from: string; to: string }) {
  const daily = useQuery(dailyQuery({ from, to }))
  const nothing = daily.data?.items.every(({ tracked_seconds }) => tracked_seconds === 0)
  return (
    <ChartCard
      title="How many hours each day?"
      note={daily.data && `All employees together, days of ${zoneLabel(daily.data.time_zone)}`}
      height={HEIGHT}
      table={daily.data && !nothing ? hoursTable(daily.data.items) : undefined}
    >
      <Loaded query={daily} skeleton={<Skeleton h={HEIGHT} />}>
        {({ items }) =>
          nothing ? <NoHours /> : <HoursBars items={items} from={from} to={to} height={HEIGHT} />
        }
      </Loaded>
    </ChartCard>
  )
}

function NoHours() {
  return (
    <Text c="dimmed" ta="center" py={60} component="div">
      Nothing was tracked in these days. Invite people and set up their agents to begin.
      <br />
      <ButtonLink to="/employees" search={{ invite: true }} mt="md">
        Invite employees
      </ButtonLink>
    </Text>
  )
}
