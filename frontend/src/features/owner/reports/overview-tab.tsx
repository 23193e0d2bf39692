// How many companies stand how, now and at the end of each month.
import { Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { CircleCheck, CirclePause, CircleX, FlaskConical, Hourglass } from 'lucide-react'
import { useZone } from '~/api/me'
import { ChartCard } from '~/components/charts/chart-card'
import { Bars } from '~/components/charts/lazy-bars'
import { Loaded } from '~/components/loaded'
import { StatTile, StatTiles } from '~/components/stat-tile'
import { count } from '~/lib/format'
import { formatTime } from '~/lib/time'
import { Help } from './help'
import { formatMonth, rangeOf } from './months'
import { Nobody } from './nobody'
import { overviewQuery } from './queries'
import { STATUSES } from './statuses'

const route = getRouteApi('/_app/owner/reports')
const HEIGHT = 300
const ICONS = {
  active: CircleCheck,
  trial: FlaskConical,
  suspended: CirclePause,
  expired: Hourglass,
  cancelled: CircleX,
} as const

export function OverviewTab() {
  const range = rangeOf(route.useSearch())
  const report = useQuery(overviewQuery(range))
  const zone = useZone()
  return (
    <Loaded query={report} skeleton={<Skeleton h={460} radius="lg" />}>
      {({ now, months, as_of }) => {
        if (STATUSES.every(({ name }) => now[name] === 0))
          return (
            <Nobody title="No companies yet">
              Once there are some, this shows how many are on trial, active or gone.
            </Nobody>
          )
        return (
          <Stack gap="lg">
            <StatTiles>
              {STATUSES.map(({ name, label }) => (
                <StatTile
                  key={name}
                  icon={ICONS[name]}
                  label={label}
                  value={count(now[name])}
                  hint={`Now, ${formatTime(as_of, zone)}`}
                />
              ))}
            </StatTiles>
            <ChartCard
              title="How many companies stood how at the end of each month?"
              note="Cancelled and expired ones stay counted."
              height={HEIGHT}
              table={{
                head: ['Month', ...STATUSES.map(({ label }) => label)],
                rows: months
                  .toReversed()
                  .map((one) => [
                    formatMonth(one.month),
                    ...STATUSES.map(({ name }) => count(one[name])),
                  ]),
              }}
            >
              <Bars
                label="Companies by status at the end of each month"
                height={HEIGHT}
                data={months.map((one) => ({ ...one, month: formatMonth(one.month, 'chart') }))}
                dataKey="month"
                series={[...STATUSES]}
                valueFormatter={count}
              />
            </ChartCard>
            <Help words={['At the end of a month']} />
          </Stack>
        )
      }}
    </Loaded>
  )
}
