// Active and idle hours by day: bars and table of the same figures.
import type { DayTotals } from '~/api/types'
import { duration, percent } from '~/lib/format'
import { daysBetween, formatDay } from '~/lib/time'
import type { ChartTable } from './chart-card'
import { Bars } from './lazy-bars'

type HoursBarsProps = { items: DayTotals[]; from: string; to: string; height: number }

export function HoursBars({ items, from, to, height }: HoursBarsProps) {
  return (
    <Bars
      label="Hours per day"
      height={height}
      data={everyDay(items, from, to).map(({ day, active_seconds, idle_seconds }) => ({
        day: formatDay(day, 'chart'),
        active: active_seconds / 3600,
        idle: idle_seconds / 3600,
      }))}
      dataKey="day"
      series={[
        { name: 'active', label: 'Active', color: 'var(--tracker-active)' },
        { name: 'idle', label: 'Idle', color: 'var(--tracker-idle)' },
      ]}
      // In hours, so that the axis has whole ones.
      valueFormatter={(hours) => duration(Math.round(hours * 3600))}
      tick={(hours) => `${hours} h`}
    />
  )
}

/** Days without a row are days with nothing, not gaps to close up. */
export function everyDay(items: DayTotals[], from: string, to: string): DayTotals[] {
  const known = new Map(items.map((item) => [item.day, item]))
  const nothing = {
    tracked_seconds: 0,
    active_seconds: 0,
    idle_seconds: 0,
    manual_seconds: 0,
    explained_seconds: 0,
    people: 0,
  }
  return daysBetween(from, to).map((day) => known.get(day) ?? { day, ...nothing })
}

export function hoursTable(items: DayTotals[]): ChartTable {
  return {
    head: ['Day', 'Tracked', 'Active', 'Idle', 'Active share'],
    rows: items
      .toReversed()
      .map((item) => [
        formatDay(item.day),
        duration(item.tracked_seconds),
        duration(item.active_seconds),
        duration(item.idle_seconds),
        percent(item.active_seconds, item.tracked_seconds) ?? '–',
      ]),
  }
}
