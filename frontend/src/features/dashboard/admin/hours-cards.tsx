// Hours of each day: by team, and beside what the settings' hours add up to.
import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { OverviewDays, OverviewSeries } from '~/api/types'
import { ChartCard, type ChartTable } from '~/components/charts/chart-card'
import { Bars, Lines } from '~/components/charts/lazy-bars'
import { AnchorLink, ButtonLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { duration, percent } from '~/lib/format'
import { formatDay, zoneLabel } from '~/lib/time'
import { overviewDaysQuery } from './queries'

const HEIGHT = 260
/** In the series' order; the rest of the teams is grey. */
const COLORS = ['indigo.5', 'teal.6', 'orange.5', 'grape.5', 'cyan.6', 'pink.5']
const REST = 'gray.5'
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

type Range = { from: string; to: string }

const isNothing = ({ days }: OverviewDays) => days.every((day) => day.tracked_seconds === 0)
const isFree = ({ tracked_seconds, target_seconds }: OverviewDays['days'][number]) =>
  !tracked_seconds && !target_seconds
const hours = (seconds: number) => seconds / 3600
// In hours, so that the axis has whole ones.
const axis = {
  valueFormatter: (value: number) => duration(Math.round(value * 3600)),
  tick: (value: number) => `${value} h`,
}

function nameOf({ kind, name }: OverviewSeries) {
  if (kind === 'team') return name
  return kind === 'other' ? 'Other teams' : 'In no team'
}

export function HoursCard(range: Range) {
  const overview = useQuery(overviewDaysQuery(range))
  const shown = overview.data
  const title = 'How many hours each day?'
  return (
    <ChartCard
      title={title}
      note={
        shown &&
        `By team, as people are in them now; days of ${zoneLabel(shown.time_zone)}${noteOfShare(shown)}`
      }
      height={HEIGHT}
      table={shown && !isNothing(shown) ? tableOf(shown) : undefined}
    >
      <Loaded query={overview} skeleton={<Skeleton h={HEIGHT} />}>
        {(found) =>
          isNothing(found) ? (
            <NoHours />
          ) : (
            <Bars
              label={title}
              height={HEIGHT}
              data={found.days.map(({ day, by_series }) => ({
                day: formatDay(day, 'chart'),
                ...Object.fromEntries(by_series.map((seconds, at) => [`s${at}`, hours(seconds)])),
              }))}
              dataKey="day"
              series={found.series.map((one, at) => ({
                name: `s${at}`,
                label: nameOf(one),
                color: one.kind === 'other' ? REST : (COLORS[at] ?? REST),
              }))}
              {...axis}
            />
          )
        }
      </Loaded>
    </ChartCard>
  )
}

function noteOfShare({ days }: OverviewDays) {
  const sum = (name: 'active_seconds' | 'tracked_seconds') =>
    days.reduce((total, day) => total + day[name], 0)
  const [active, tracked] = [sum('active_seconds'), sum('tracked_seconds')]
  const share = percent(active, tracked)
  return share ? `; ${share} of ${duration(tracked)} observed were active` : ''
}

function tableOf({ days, series }: OverviewDays): ChartTable {
  return {
    head: ['Day', 'All', ...series.map(nameOf), 'Active share'],
    rows: days
      .toReversed()
      .map((day) => [
        formatDay(day.day),
        duration(day.tracked_seconds),
        ...day.by_series.map(duration),
        percent(day.active_seconds, day.tracked_seconds) ?? '–',
      ]),
  }
}

export function TargetCard(range: Range) {
  const overview = useQuery(overviewDaysQuery(range))
  const shown = overview.data
  const title = 'How much of the expected time was tracked?'
  return (
    <ChartCard
      title={title}
      note={shown?.target && inWords(shown.target)}
      height={HEIGHT}
      table={
        shown?.target && !shown.days.every(isFree)
          ? {
              head: ['Day', 'Tracked', 'Target', 'Share'],
              rows: shown.days
                .toReversed()
                .map(({ day, tracked_seconds, target_seconds }) => [
                  formatDay(day),
                  duration(tracked_seconds),
                  duration(target_seconds ?? 0),
                  percent(tracked_seconds, target_seconds ?? 0) ?? '–',
                ]),
            }
          : undefined
      }
    >
      <Loaded query={overview} skeleton={<Skeleton h={HEIGHT} />}>
        {({ days, target }) =>
          target && days.every(isFree) ? (
            <Text c="dimmed" ta="center" py={80}>
              Nothing was tracked in these days, and nothing was expected.
            </Text>
          ) : target ? (
            <Lines
              label={title}
              height={HEIGHT}
              data={days.map(({ day, tracked_seconds, target_seconds }) => ({
                day: formatDay(day, 'chart'),
                tracked: hours(tracked_seconds),
                target: hours(target_seconds ?? 0),
              }))}
              dataKey="day"
              series={[
                { name: 'tracked', label: 'Tracked', color: 'var(--tracker-bar)' },
                {
                  name: 'target',
                  label: 'Target',
                  color: 'var(--tracker-less)',
                  strokeDasharray: '6 4',
                },
              ]}
              {...axis}
            />
          ) : (
            <Text c="dimmed" ta="center" py={80} component="div">
              The settings record at any time of the day: nothing says how much is expected.
              <br />
              <AnchorLink to="/settings" inherit underline="always">
                Set days and hours
              </AnchorLink>{' '}
              to compare with them.
            </Text>
          )
        }
      </Loaded>
    </ChartCard>
  )
}

function inWords({ seconds_per_day, days, from, to }: NonNullable<OverviewDays['target']>) {
  const names = WEEKDAYS.filter((_, at) => days.includes(at + 1)).join(', ')
  return `The target is the settings’ hours, ${from.slice(0, 5)} to ${to.slice(0, 5)} (${duration(seconds_per_day)}) on ${names}, for everybody with access from their first recorded day on. Breaks, holidays and absences are not known.`
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
