// Where the time went: applications, sites, people, teams, each leading to what lies behind it.
import { Button, Card, Group, Skeleton, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ChartNoAxesColumn, X } from 'lucide-react'
import { useMe, useToday } from '~/api/me'
import type { UsageBreakdown } from '~/api/types'
import { categoryName } from '~/components/categories/categories'
import { ChartCard } from '~/components/charts/chart-card'
import { Bars } from '~/components/charts/lazy-bars'
import { DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { ExportFiles } from '~/components/export-files'
import { FilterBar } from '~/components/filter-bar'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { SearchField } from '~/components/search-field'
import { TeamFilter } from '~/components/teams/team-filter'
import { administers } from '~/lib/can'
import { duration } from '~/lib/format'
import { daysBetween, formatDay, zoneLabel } from '~/lib/time'
import { employeeQuery } from '../employees/queries'
import { usageColumns } from './columns'
import { PeriodControls } from './period-controls'
import {
  exportUsage,
  filterOf,
  type Kind,
  kindsFor,
  sortOf,
  type UsageFilter,
  usageQuery,
} from './queries'
import type { UsageSearch } from './search'

const route = getRouteApi('/_app/_me/usage')
const HEIGHT = 240

const TABS = {
  app: 'Applications',
  host: 'Sites',
  category: 'Categories',
  person: 'People',
  team: 'Teams',
}

function useGo() {
  const navigate = route.useNavigate()
  /** A changed filter starts at the first page. */
  return (change: Partial<UsageSearch>) =>
    void navigate({
      search: (old) => ({ ...old, cursor: undefined, ...change }),
      replace: true,
      resetScroll: false,
    })
}

/** Another list has other names and orders; that of all applications, or of all sites, is not one of them alone. */
function otherRows(by: Kind): Partial<UsageSearch> {
  const rest = { q: undefined, sort: undefined, cursor: undefined }
  return by === 'person' || by === 'team'
    ? rest
    : { ...rest, app: undefined, host: undefined, category: undefined }
}

export function UsagePage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const go = useGo()
  const today = useToday()
  const ofOthers = administers(useMe())
  const kinds = kindsFor(ofOthers)
  const filter = filterOf(search, today, ofOthers)
  const usage = useQuery(usageQuery(filter, search.cursor))
  const { by } = filter
  return (
    <Page
      title="Usage"
      purpose={
        ofOthers
          ? 'Where the time went. Every row leads to who is behind it, or to what they used.'
          : 'Where your time went in a week, a month or any other days, exactly as your admins see it.'
      }
      actions={<PeriodControls period={filter} today={today} onPeriod={go} />}
    >
      <Tabs
        value={by}
        keepMounted={false}
        onChange={(value) => {
          const next = kinds.find((kind) => kind === value)
          if (next) void navigate({ search: (old) => ({ ...old, ...otherRows(next), by: next }) })
        }}
      >
        <Tabs.List aria-label="Usage by" mb="lg">
          {kinds.map((kind) => (
            <Tabs.Tab key={kind} value={kind}>
              {TABS[kind]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={by}>
          <Narrowed filter={filter} />
          <ByDay filter={filter} />
          <Card p={0} mt="lg" component="section" aria-label={TABS[by]}>
            <Filters filter={filter} />
            <Loaded query={usage} skeleton={<Skeleton h={320} m="md" w="auto" />}>
              {(page) =>
                page.items.length === 0 ? (
                  <Nothing filter={filter} />
                ) : (
                  <Rows by={by} page={page} busy={usage.isPlaceholderData} />
                )
              }
            </Loaded>
          </Card>
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

/** What the rows are limited to, each to be taken away. */
function Narrowed({ filter }: { filter: UsageFilter }) {
  const go = useGo()
  const person = useQuery({
    ...employeeQuery(filter.user_id ?? ''),
    enabled: filter.user_id !== undefined,
  })
  const name = person.data && (person.data.name || person.data.email)
  const limits = [
    filter.user_id && { text: name ?? 'one person', change: { person: undefined } },
    filter.app && { text: filter.app, change: { app: undefined } },
    filter.host && { text: filter.host, change: { host: undefined } },
    filter.category && {
      text: `${categoryName(filter.category).toLowerCase()} time`,
      change: { category: undefined },
    },
  ].filter((limit) => !!limit)
  if (limits.length === 0) return null
  return (
    <Group gap="xs" mb="md">
      {limits.map(({ text, change }) => (
        <Button
          key={text}
          variant="light"
          size="xs"
          maw="100%"
          rightSection={<X size={14} aria-hidden />}
          onClick={() => go(change)}
          aria-label={`Show everything, not only ${text}`}
        >
          Only {text}
        </Button>
      ))}
      {(filter.user_id || filter.by === 'person') && (
        <Text size="sm" c="dimmed">
          Looking at this is noted, and those it is about can read the note.
        </Text>
      )}
    </Group>
  )
}

function questionOf({ app, host, category, by }: UsageFilter) {
  if (category) return `How many ${category} hours each day?`
  if (app ?? host) return `How many hours of ${app ?? host} each day?`
  if (by === 'app') return 'How many hours of applications each day?'
  return by === 'host' ? 'How many hours of sites each day?' : 'How many hours each day?'
}

function ByDay({ filter }: { filter: UsageFilter }) {
  // Neither search, order nor page say anything about the days.
  const days = useQuery(usageQuery({ ...filter, q: undefined, sort: '-seconds' }, undefined))
  const question = questionOf(filter)
  const shown = days.data
  const seconds = new Map(shown?.days.map(({ day, seconds }) => [day, seconds]))
  return (
    <ChartCard
      title={question}
      note={
        shown &&
        `${duration(shown.total_seconds)} from ${formatDay(shown.from)} to ${formatDay(shown.to)}, days of ${zoneLabel(shown.time_zone)}`
      }
      height={HEIGHT}
      table={
        shown?.days.length
          ? {
              head: ['Day', 'Time'],
              rows: shown.days
                .toReversed()
                .map(({ day, seconds }) => [formatDay(day), duration(seconds)]),
            }
          : undefined
      }
    >
      <Loaded query={days} skeleton={<Skeleton h={HEIGHT} />}>
        {({ from, to }) =>
          seconds.size === 0 ? (
            <Text c="dimmed" ta="center" py={80}>
              Nothing was recorded in these days.
            </Text>
          ) : (
            <Bars
              label={question}
              height={HEIGHT}
              data={daysBetween(from, to).map((day) => ({
                day: formatDay(day, 'chart'),
                hours: (seconds.get(day) ?? 0) / 3600,
              }))}
              dataKey="day"
              series={[{ name: 'hours', label: 'Time', color: 'var(--tracker-bar)' }]}
              // In hours, so that the axis has whole ones.
              valueFormatter={(hours) => duration(Math.round(hours * 3600))}
              tick={(hours) => `${hours} h`}
            />
          )
        }
      </Loaded>
    </ChartCard>
  )
}

function Filters({ filter }: { filter: UsageFilter }) {
  const search = route.useSearch()
  const go = useGo()
  return (
    <FilterBar
      search={
        <SearchField
          key={filter.by}
          label={`Search ${TABS[filter.by].toLowerCase()}`}
          initial={search.q}
          onSearch={(q) => go({ q })}
        />
      }
      filters={
        administers(useMe()) && (
          <TeamFilter
            none
            value={filter.team_id ?? (filter.without_team ? 'none' : undefined)}
            onChange={(team) => go({ team })}
          />
        )
      }
      actions={
        <ExportFiles
          label="All rows of this filter"
          save={(format) => exportUsage(filter, format)}
        />
      }
    />
  )
}

type RowsProps = { by: Kind; page: UsageBreakdown; busy: boolean }

function Rows({ by, page, busy }: RowsProps) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const go = useGo()
  const me = useMe()
  return (
    <>
      <DataTable
        caption={TABS[by]}
        columns={usageColumns(by, page.total_seconds, administers(me))}
        rows={page.items}
        rowKey={({ id, name }) => id ?? `name ${name}`}
        sort={sortOf(search)}
        onSort={(sort) => go({ sort })}
        busy={busy}
      />
      {(by === 'app' || by === 'host') && (
        <Text size="xs" c="dimmed" px="md" py="sm">
          With several devices at once the times may add up to more than was tracked.
        </Text>
      )}
      {by === 'category' && (
        <Text size="xs" c="dimmed" px="md" py="sm">
          The{' '}
          {me.role === 'ADMIN' ? (
            <AnchorLink to="/rules" underline="always" inherit>
              rules
            </AnchorLink>
          ) : (
            'rules'
          )}{' '}
          share out the tracked time: all categories together are all of it.
        </Text>
      )}
      <Pager
        shown={page.items.length}
        cursor={search.cursor}
        next={page.next_cursor}
        onGo={(cursor, state) => void navigate({ search: (old) => ({ ...old, cursor }), state })}
      />
    </>
  )
}

function Nothing({ filter }: { filter: UsageFilter }) {
  const me = useMe()
  const { q, user_id, team_id, without_team, app, host, category } = filter
  if (q || user_id || team_id || without_team || app || host || category)
    return <NoMatch title="Nothing matches in these days" />
  return (
    <Empty icon={ChartNoAxesColumn} title="Nothing was recorded in these days">
      {administers(me)
        ? 'What people’s agents record shows up here within a minute.'
        : 'What your agent records shows up here within a minute.'}
    </Empty>
  )
}
