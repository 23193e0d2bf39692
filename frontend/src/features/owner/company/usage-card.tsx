// Counts by day: one measure at a time, as bars or as a table with all of them.
import { NativeSelect, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { CompanyDetail, UsageDay } from '~/api/types'
import { ChartCard } from '~/components/charts/chart-card'
import { Bars } from '~/components/charts/lazy-bars'
import { Loaded } from '~/components/loaded'
import { bytes, compact, count, minutesAsHours } from '~/lib/format'
import { dayIn, daysBetween, formatDay, lastDays, zoneLabel } from '~/lib/time'
import { usageQuery } from './queries'
import { MEASURES, type Measure, RANGES } from './search'

const route = getRouteApi('/_app/owner/company/$companyId')
const HEIGHT = 260

type Words = {
  label: string
  question: string
  show: (value: number) => string
  tick?: (value: number) => string
  /** Drawn in units of this many, so that the axis has whole ones. */
  scale?: number
}
const WORDS: Record<Measure, Words> = {
  active_minutes: {
    label: 'Active time',
    question: 'How much active time each day?',
    show: minutesAsHours,
    tick: (hours) => `${compact(hours)} h`,
    scale: 60,
  },
  active_employees: {
    label: 'Active employees',
    question: 'How many people tracked time each day?',
    show: count,
  },
  sessions: { label: 'Sessions', question: 'How many sessions each day?', show: count },
  screenshots: { label: 'Screenshots', question: 'How many screenshots each day?', show: count },
  storage_bytes: { label: 'Storage', question: 'How much is stored each day?', show: bytes },
}

export function UsageCard({ detail }: { detail: CompanyDetail }) {
  const { days, show } = route.useSearch()
  const { from, to } = lastDays(Number(days), dayIn(detail.time_zone))
  const usage = useQuery(usageQuery(detail.id, from, to))
  const words = WORDS[show]
  const items = usage.data?.items
  return (
    <ChartCard
      title={words.question}
      note={`The last ${days} days by the company’s clock, ${zoneLabel(detail.time_zone)}`}
      height={HEIGHT}
      table={items && tableOf(items)}
      controls={<Controls />}
    >
      <Loaded query={usage} skeleton={<Skeleton h={HEIGHT} />}>
        {(loaded) => (
          <Bars
            label={words.question}
            height={HEIGHT}
            data={filled(loaded.items, from, to).map((item) => ({
              day: formatDay(item.day, 'chart'),
              [show]: item[show] / (words.scale ?? 1),
            }))}
            dataKey="day"
            series={[{ name: show, label: words.label, color: 'var(--tracker-bar)' }]}
            valueFormatter={(value) => words.show(Math.round(value * (words.scale ?? 1)))}
            tick={words.tick ?? words.show}
          />
        )}
      </Loaded>
    </ChartCard>
  )
}

function Controls() {
  const { days, show } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label="Measure"
        value={show}
        data={MEASURES.map((value) => ({ value, label: WORDS[value].label }))}
        onChange={({ currentTarget: { value } }) =>
          void navigate({
            search: (old) => ({ ...old, show: value as Measure }),
            replace: true,
            resetScroll: false,
          })
        }
      />
      <NativeSelect
        size="xs"
        aria-label="Range"
        value={days}
        data={RANGES.map((value) => ({ value, label: `${value} days` }))}
        onChange={({ currentTarget: { value } }) =>
          void navigate({
            search: (old) => ({ ...old, days: value as (typeof RANGES)[number] }),
            replace: true,
            resetScroll: false,
          })
        }
      />
    </>
  )
}

const NOTHING = {
  active_employees: 0,
  sessions: 0,
  active_minutes: 0,
  screenshots: 0,
  storage_bytes: 0,
  events: 0,
}

/** Days without a row are days with nothing, not gaps to close up. */
export function filled(items: UsageDay[], from: string, to: string): UsageDay[] {
  const known = new Map(items.map((item) => [item.day, item]))
  return daysBetween(from, to).map((day) => known.get(day) ?? { day, ...NOTHING })
}

function tableOf(items: UsageDay[]) {
  return {
    head: ['Day', 'Active time', 'Employees', 'Sessions', 'Screenshots', 'Storage', 'Events'],
    rows: [...items]
      .reverse()
      .map((item) => [
        formatDay(item.day),
        minutesAsHours(item.active_minutes),
        count(item.active_employees),
        count(item.sessions),
        count(item.screenshots),
        bytes(item.storage_bytes),
        count(item.events),
      ]),
  }
}
