// When people work: tracked time by weekday and hour. One cell is reached by tab, the others by the arrow keys.
import { Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useRef, useState } from 'react'
import type { OverviewHours } from '~/api/types'
import { ChartCard, type ChartTable } from '~/components/charts/chart-card'
import { Loaded } from '~/components/loaded'
import { duration, plural } from '~/lib/format'
import { zoneLabel } from '~/lib/time'
import { overviewHoursQuery } from './queries'
import c from './week-card.module.css'

const HEIGHT = 250
const TITLE = 'When is work done?'
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const HOURS = Array.from({ length: 24 }, (_, hour) => hour)
/** Shades from none to the most. */
const SHADES = 6

type Weekday = OverviewHours['weekdays'][number]
type At = { day: number; hour: number }

const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`
const span = (hour: number) => `${clock(hour)}–${clock(hour + 1)}`
/** Of one such day, as there may be more Mondays than Sundays among the days. */
const average = ({ days, tracked_seconds }: Weekday, hour: number) =>
  days ? (tracked_seconds[hour] ?? 0) / days : 0

export function WeekCard(range: { from: string; to: string }) {
  const hours = useQuery(overviewHoursQuery(range))
  const shown = hours.data
  const known = shown?.weekdays.reduce((sum, { days }) => sum + days, 0) ?? 0
  return (
    <ChartCard
      title={TITLE}
      note={
        shown &&
        known > 0 &&
        `Tracked time of everybody together by weekday and hour in ${zoneLabel(shown.time_zone)}, on average of ${plural(known, 'day')}`
      }
      height={HEIGHT}
      table={shown && known > 0 ? tableOf(shown) : undefined}
    >
      <Loaded query={hours} skeleton={<Skeleton h={HEIGHT} />}>
        {(found) =>
          known === 0 ? (
            <Text c="dimmed" ta="center" py={80}>
              Nothing was tracked by the hour in these days.
            </Text>
          ) : (
            <HeatMap {...found} />
          )
        }
      </Loaded>
    </ChartCard>
  )
}

function tableOf({ weekdays }: OverviewHours): ChartTable {
  return {
    head: ['Hour', ...weekdays.map(({ weekday }) => DAYS[weekday - 1] ?? '')],
    rows: HOURS.map((hour) => [
      span(hour),
      ...weekdays.map((day) => (day.days ? duration(Math.round(average(day, hour))) : '–')),
    ]),
  }
}

const MOVES: Record<string, (at: At) => At> = {
  ArrowLeft: ({ day, hour }) => ({ day, hour: hour - 1 }),
  ArrowRight: ({ day, hour }) => ({ day, hour: hour + 1 }),
  ArrowUp: ({ day, hour }) => ({ day: day - 1, hour }),
  ArrowDown: ({ day, hour }) => ({ day: day + 1, hour }),
  Home: ({ day }) => ({ day, hour: 0 }),
  End: ({ day }) => ({ day, hour: 23 }),
}

function HeatMap({ weekdays }: OverviewHours) {
  const grid = useRef<HTMLTableElement>(null)
  const [at, setAt] = useState<At>({ day: 0, hour: 9 })
  // Apart from the place of the keyboard, which the pointer does not move.
  const [under, setUnder] = useState<At>()
  const most = Math.max(...weekdays.flatMap((day) => HOURS.map((hour) => average(day, hour))), 1)
  const inWords = ({ day, hour }: At) => {
    const of = weekdays[day]
    const name = DAYS[day] ?? ''
    if (!of?.days) return `${name}: not among these days`
    return `${name}, ${span(hour)}: ${duration(Math.round(average(of, hour)))}`
  }
  const move = (event: KeyboardEvent) => {
    const next = MOVES[event.key]?.(at)
    if (!next || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    if (!weekdays[next.day] || next.hour < 0 || next.hour > 23) return
    setAt(next)
    grid.current
      ?.querySelector<HTMLElement>(`[data-day="${next.day}"][data-hour="${next.hour}"]`)
      ?.focus()
  }
  return (
    <div className={c.scroll}>
      <table
        ref={grid}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its cells are gone through by arrow keys
        role="grid"
        aria-label={TITLE}
        className={c.grid}
        onKeyDown={move}
        onMouseLeave={() => setUnder(undefined)}
      >
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Weekday</span>
            </th>
            {HOURS.map((hour) => (
              <th key={hour} scope="col">
                <span className={hour % 3 === 0 ? c.hour : 'visually-hidden'}>
                  {String(hour).padStart(2, '0')}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weekdays.map((of, day) => (
            <tr key={of.weekday}>
              <th scope="row">{DAYS[day]?.slice(0, 3)}</th>
              {HOURS.map((hour) => {
                const value = average(of, hour)
                const isHere = at.day === day && at.hour === hour
                return (
                  <td
                    key={hour}
                    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: as above
                    role="gridcell"
                    tabIndex={isHere ? 0 : -1}
                    aria-label={inWords({ day, hour })}
                    title={inWords({ day, hour })}
                    data-day={day}
                    data-hour={hour}
                    data-shade={value > 0 ? Math.max(1, Math.ceil((value / most) * SHADES)) : 0}
                    data-unknown={of.days === 0 || undefined}
                    onFocus={() => {
                      setAt({ day, hour })
                      setUnder(undefined)
                    }}
                    onMouseEnter={() => setUnder({ day, hour })}
                  />
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <div className={c.foot}>
        <Text size="sm" aria-hidden>
          {inWords(under ?? at)}
        </Text>
        <Text size="xs" c="dimmed" component="div" className={c.legend} aria-hidden>
          none
          {Array.from({ length: SHADES + 1 }, (_, shade) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: shades have nothing else
            <span key={shade} data-shade={shade} />
          ))}
          {duration(Math.round(most))}
        </Text>
      </div>
    </div>
  )
}
