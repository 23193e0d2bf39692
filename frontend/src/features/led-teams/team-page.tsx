// A lead's teams: the people, or the sums alone, as the company decided. The database holds what this page says.
import { Alert, Card, Group, NativeSelect, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { CalendarDays, EyeOff, MousePointerClick, Pause, Timer, UsersRound } from 'lucide-react'
import { asAppError } from '~/api/errors'
import { useMe, useToday } from '~/api/me'
import type { LedDays, LedPerson, LedTeam, LedTeams } from '~/api/types'
import { ChartCard } from '~/components/charts/chart-card'
import { HoursBars, hoursTable } from '~/components/charts/hours'
import { type Column, DataTable } from '~/components/data-table'
import { DayRange } from '~/components/day-range'
import { Empty } from '~/components/empty'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { StatTile, StatTiles, TilesSkeleton } from '~/components/stat-tile'
import { duration, percent, plural } from '~/lib/format'
import { ago, formatDay, lastDays, zoneLabel } from '~/lib/time'
import { ledDaysQuery, ledPeopleQuery, ledTeamsQuery } from './queries'

const route = getRouteApi('/_app/_me/team/')

const DAYS = 30
const HEIGHT = 240

type Days = { from: string; to: string }

export function TeamPage() {
  const teams = useQuery(ledTeamsQuery)
  const leadsNone = teams.error && asAppError(teams.error).code === 'not_a_lead'
  return (
    <Page
      title="My team"
      purpose="The teams that you lead. Whom you look at can read that you did, and when."
    >
      {leadsNone ? (
        <Card>
          <Empty icon={UsersRound} title="You lead no team">
            An admin of your company says who leads which team.
          </Empty>
        </Card>
      ) : (
        <Loaded query={teams} skeleton={<Skeleton h={420} radius="lg" />}>
          {(led) => <Teams led={led} />}
        </Loaded>
      )}
    </Page>
  )
}

function Teams({ led }: { led: LedTeams }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const today = useToday()
  const usual = lastDays(DAYS, today)
  const days = { from: search.from ?? usual.from, to: search.to ?? usual.to }
  const team = led.items.find(({ id }) => id === search.team) ?? led.items[0]
  if (!team) return null
  const go = (change: Partial<typeof search>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), resetScroll: false })
  return (
    <Stack gap="lg">
      <Group gap="sm" component="search" aria-label="Team and days">
        <NativeSelect
          aria-label="Team"
          value={team.id}
          data={led.items.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={({ currentTarget: { value } }) => go({ team: value })}
        />
        <DayRange from={days.from} to={days.to} onChange={go} />
        <Text size="sm" c="dimmed">
          {plural(team.members, 'person', 'people')}
        </Text>
      </Group>
      {led.leads_see === 'people' ? (
        <People team={team} days={days} />
      ) : (
        <Alert
          icon={<EyeOff size={18} aria-hidden />}
          color="indigo"
          title="Sums of the team alone"
        >
          Your company shows leads no people. A day is shown once it is over, and only if at least{' '}
          {led.least_people} people besides you have time on it: sums of fewer would say too much of
          each.
        </Alert>
      )}
      <Sums led={led} team={team} days={days} />
    </Stack>
  )
}

function Sums({ led, team, days }: { led: LedTeams; team: LedTeam; days: Days }) {
  const sums = useQuery(ledDaysQuery(team.id, days))
  return (
    <Loaded
      query={sums}
      skeleton={
        <Stack gap="lg">
          <TilesSkeleton count={4} />
          <Skeleton h={HEIGHT} radius="lg" />
        </Stack>
      }
    >
      {(loaded) =>
        loaded.items.length === 0 ? (
          <Card>
            <Nothing led={led} team={team} />
          </Card>
        ) : (
          <Shown led={led} sums={loaded} />
        )
      }
    </Loaded>
  )
}

/** That it is not shown, and why, without a word about who was there. */
function Nothing({ led: { leads_see, least_people }, team }: { led: LedTeams; team: LedTeam }) {
  if (leads_see === 'people')
    return (
      <Empty icon={CalendarDays} title="No time was tracked in these days">
        Choose others, or wait for the agents to send theirs.
      </Empty>
    )
  return (
    <Empty
      icon={EyeOff}
      title={team.members < least_people ? 'Fewer than 5 people' : 'No day has enough people'}
    >
      {team.members < least_people
        ? `${team.name} has ${plural(team.members, 'person', 'people')}. Sums are shown of at least ${least_people} besides you.`
        : `On none of these days at least ${least_people} people besides you have tracked time, or the days are not over.`}
    </Empty>
  )
}

type ShownProps = { led: LedTeams; sums: LedDays }

function Shown({ led, sums: { items, from, to, time_zone } }: ShownProps) {
  const total = (of: 'tracked_seconds' | 'active_seconds' | 'idle_seconds') =>
    items.reduce((sum, day) => sum + day[of], 0)
  const tracked = total('tracked_seconds')
  const days = items.map((day) => ({ ...day, manual_seconds: 0, explained_seconds: 0 }))
  return (
    <>
      <StatTiles>
        <StatTile
          icon={Timer}
          label="Tracked"
          value={duration(tracked)}
          hint="Active and idle together"
        />
        <StatTile
          icon={MousePointerClick}
          label="Active"
          value={duration(total('active_seconds'))}
          hint={`${percent(total('active_seconds'), tracked) ?? '–'} of the tracked time`}
        />
        <StatTile
          icon={Pause}
          label="Idle"
          value={duration(total('idle_seconds'))}
          hint={`${percent(total('idle_seconds'), tracked) ?? '–'} of the tracked time`}
        />
        <StatTile
          icon={CalendarDays}
          label="Days"
          value={items.length}
          hint={
            led.leads_see === 'people'
              ? 'With tracked time'
              : 'That are shown; the rest is left out of the sums'
          }
        />
      </StatTiles>
      <ChartCard
        title="How many hours does the team have each day?"
        note={`${formatDay(from)} to ${formatDay(to)}, days of ${zoneLabel(time_zone)}`}
        height={HEIGHT}
        table={hoursTable(days)}
      >
        <HoursBars items={days} from={from} to={to} height={HEIGHT} />
      </ChartCard>
    </>
  )
}

function People({ team, days }: { team: LedTeam; days: Days }) {
  const people = useQuery(ledPeopleQuery(team.id, days))
  const own = useMe().id
  const columns: Column<LedPerson>[] = [
    {
      key: 'name',
      header: 'Name',
      names: true,
      cell: ({ user_id, name }) =>
        user_id === own ? (
          <AnchorLink to="/dashboard/user" fz="sm" fw={600} c="var(--mantine-color-text)">
            {name} (you)
          </AnchorLink>
        ) : (
          <AnchorLink
            to="/team/$userId"
            params={{ userId: user_id }}
            fz="sm"
            fw={600}
            c="var(--mantine-color-text)"
          >
            {name}
          </AnchorLink>
        ),
    },
    {
      key: 'tracked',
      header: 'Tracked',
      align: 'end',
      cell: ({ tracked_seconds }) => duration(tracked_seconds),
    },
    {
      key: 'active',
      header: 'Active',
      align: 'end',
      cell: ({ active_seconds, tracked_seconds }) =>
        percent(active_seconds, tracked_seconds) ?? '–',
    },
    {
      key: 'idle',
      header: 'Idle',
      align: 'end',
      cell: ({ idle_seconds }) => duration(idle_seconds),
    },
    {
      key: 'seen',
      header: 'Last seen',
      capital: true,
      cell: ({ deactivated, last_seen_at }) =>
        deactivated ? 'Deactivated' : last_seen_at ? ago(last_seen_at) : 'Never',
    },
  ]
  return (
    <Card p={0} component="section" aria-label="People of the team">
      <Loaded query={people} skeleton={<Skeleton h={240} m="md" w="auto" />}>
        {({ items }) =>
          items.length > 0 ? (
            <DataTable
              caption="People"
              columns={columns}
              rows={items}
              rowKey={({ user_id }) => user_id}
              busy={people.isPlaceholderData}
            />
          ) : (
            <Empty icon={UsersRound} title={`Nobody is in ${team.name}`}>
              An admin puts people into teams.
            </Empty>
          )
        }
      </Loaded>
    </Card>
  )
}
