// Two weeks of days around the one that is shown: a dot says that a day has pictures.
import { UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { plural } from '~/lib/format'
import { daysBetween, formatDay } from '~/lib/time'
import { daysQuery, stripOf, type Whose } from './queries'
import c from './screenshots-page.module.css'

type DayStripProps = { whose: Whose; day: string; today: string; onDay: (day: string) => void }

export function DayStrip({ whose, day, today, onDay }: DayStripProps) {
  const days = useQuery(daysQuery(whose, day, today))
  const counts = new Map(days.data?.items.map(({ day, screenshots }) => [day, screenshots]))
  const { from, to } = stripOf(day, today)
  const list = useRef<HTMLUListElement>(null)
  // On a phone only some of them fit.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each day that is chosen is led to
  useEffect(() => {
    const chosen = list.current?.querySelector('[aria-current]')
    chosen?.scrollIntoView({ inline: 'center', block: 'nearest' })
  }, [day])
  return (
    <nav aria-label="Days around">
      <ul className={c.strip} ref={list}>
        {daysBetween(from, to).map((one) => {
          const count = counts.get(one) ?? 0
          const known = days.data ? `: ${plural(count, 'picture')}` : ''
          const [weekday = '', rest = ''] = formatDay(one, 'weekday').split(/,?\s(.*)/)
          return (
            <li key={one}>
              <UnstyledButton
                className={c.day}
                aria-current={one === day ? 'date' : undefined}
                aria-label={`${formatDay(one, 'weekday')}${known}`}
                onClick={() => onDay(one)}
              >
                <span aria-hidden>{weekday}</span>
                <span aria-hidden>{rest && formatDay(one, 'chart')}</span>
                <i data-on={count > 0 || undefined} aria-hidden />
              </UnstyledButton>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
