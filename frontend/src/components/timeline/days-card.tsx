// The hours of the last two weeks of one person.
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { formatDay, lastDays, zoneLabel } from '~/lib/time'
import { ChartCard } from '../charts/chart-card'
import { HoursBars, hoursTable } from '../charts/hours'
import { Loaded } from '../loaded'
import { personDaysQuery } from './queries'

const DAYS = 14
const HEIGHT = 220

export function DaysCard({ userId, today }: { userId: string; today: string }) {
  const { from, to } = lastDays(DAYS, today)
  const days = useQuery(personDaysQuery(userId, from, to))
  return (
    <ChartCard
      title="How many hours each day?"
      note={`${formatDay(from)} to ${formatDay(today)}${days.data ? `, days of ${zoneLabel(days.data.time_zone)}` : ''}`}
      height={HEIGHT}
      table={days.data && hoursTable(days.data.items)}
    >
      <Loaded query={days} skeleton={<Skeleton h={HEIGHT} />}>
        {({ items }) => <HoursBars items={items} from={from} to={to} height={HEIGHT} />}
      </Loaded>
    </ChartCard>
  )
}
