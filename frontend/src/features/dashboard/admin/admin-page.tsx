// The ADMIN's start page: who works now, today's time, the days before, where the time goes, setting up agents.
import { NativeSelect, SimpleGrid, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Clock, MousePointerClick, UserCheck, Users } from 'lucide-react'
import { shownName, useMe, useToday, useZone } from '~/api/me'
import type { Answer } from '~/api/types'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { StatTile, StatTiles, TilesSkeleton } from '~/components/stat-tile'
import { count, duration, percent, plural } from '~/lib/format'
import { formatDay, formatTime, lastDays, zoneLabel } from '~/lib/time'
import { AgentSetup } from './agent-setup'
import { CategoriesCard } from './categories-card'
import { DevicesCard } from './devices-card'
import { FirstSteps, FirstStepsAgain } from './first-steps'
import { HoursCard, TargetCard } from './hours-cards'
import { todayQuery } from './queries'
import { RANGES } from './search'
import { TopCard } from './top-card'
import { WeekCard } from './week-card'

const route = getRouteApi('/_app/_admin/dashboard/admin')

export function AdminDashboardPage() {
  const zone = useZone()
  const { days } = route.useSearch()
  const today = useQuery(todayQuery)
  const range = lastDays(Number(days), useToday())
  return (
    <Page
      title="Overview"
      purpose={`Today and the last ${days} days at ${shownName(useMe()) ?? 'your company'}.`}
      actions={<RangeSelect />}
    >
      <FirstSteps />
      <Loaded query={today} skeleton={<TilesSkeleton count={4} />}>
        {(figures) => (
          <div>
            <Tiles figures={figures} />
            <Text size="xs" c="dimmed" mt="xs">
              {formatDay(figures.day, 'long')}, updated {formatTime(figures.as_of, zone)} in{' '}
              {zoneLabel(zone)}
            </Text>
          </div>
        )}
      </Loaded>
      <HoursCard {...range} />
      <TargetCard {...range} />
      <CategoriesCard />
      <WeekCard {...range} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <TopCard kind="apps" range={range} />
        <TopCard kind="hosts" range={range} />
      </SimpleGrid>
      <DevicesCard />
      <AgentSetup />
      <FirstStepsAgain />
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

/** Half a day is compared with half a day, where the hours are known. */
function lastWeek({
  tracked_seconds_last_week,
  tracked_seconds_last_week_until_now: untilNow,
}: Answer<'/api/usage/today'>) {
  const all = duration(tracked_seconds_last_week)
  if (typeof untilNow !== 'number') return `All of the same day last week: ${all}`
  return `Same day last week: ${duration(untilNow)} by this time, ${all} in all`
}

function Tiles({ figures }: { figures: Answer<'/api/usage/today'> }) {
  const { tracked_seconds, active_seconds } = figures
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
        hint={lastWeek(figures)}
      />
      <StatTile
        icon={MousePointerClick}
        label="Active share"
        value={percent(active_seconds, tracked_seconds) ?? '–'}
        hint={`${duration(active_seconds)} of ${duration(tracked_seconds)} observed`}
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
