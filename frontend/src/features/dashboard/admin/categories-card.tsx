// Time by category, today or this week: how much of it is work, and how much nobody has a rule for.
import { NativeSelect, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useToday } from '~/api/me'
import {
  CATEGORY_COLORS,
  CATEGORY_NAMES,
  categoriesQuery,
  secondsOf,
} from '~/components/categories/categories'
import { ChartCard } from '~/components/charts/chart-card'
import { Donut } from '~/components/charts/lazy-bars'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { duration, percent } from '~/lib/format'
import { addDays } from '~/lib/time'

const HEIGHT = 260
const SPANS = [
  { value: 'today', label: 'Today' },
  { value: 'week', label: 'This week' },
]
/** Days since Monday. */
const weekday = (day: string) => (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7

export function CategoriesCard() {
  const [span, setSpan] = useState('today')
  const today = useToday()
  const from = span === 'today' ? today : addDays(today, -weekday(today))
  const usage = useQuery(categoriesQuery({ from, to: today }, true))
  const parts = usage.data ? secondsOf(usage.data) : []
  const all = parts.reduce((sum, { seconds }) => sum + seconds, 0)
  return (
    <ChartCard
      title="How productive is the time?"
      height={HEIGHT}
      note={
        <>
          Tracked time as the{' '}
          <AnchorLink to="/rules" underline="always" inherit>
            rules
          </AnchorLink>{' '}
          have it.{' '}
          <AnchorLink
            to="/usage"
            search={{ by: 'category', from, to: today }}
            underline="always"
            inherit
          >
            By person and day
          </AnchorLink>
        </>
      }
      controls={
        <NativeSelect
          size="xs"
          aria-label="Days of the categories"
          data={SPANS}
          value={span}
          onChange={({ currentTarget: { value } }) => setSpan(value)}
        />
      }
      table={
        all > 0
          ? {
              head: ['Category', 'Time', 'Share'],
              rows: parts.map(({ category, seconds }) => [
                CATEGORY_NAMES[category],
                duration(seconds),
                percent(seconds, all) ?? '–',
              ]),
            }
          : undefined
      }
    >
      <Loaded query={usage} skeleton={<Skeleton h={HEIGHT} />}>
        {() =>
          all === 0 ? (
            <Text c="dimmed" ta="center" py={80}>
              Nothing was recorded {span === 'today' ? 'today' : 'this week'}.
            </Text>
          ) : (
            <>
              {/* What the drawing shows, in words: it has none of its own for screen readers. */}
              <p className="visually-hidden">
                {parts
                  .map(
                    ({ category, seconds }) =>
                      `${CATEGORY_NAMES[category]}: ${duration(seconds)}, ${percent(seconds, all) ?? '–'}`,
                  )
                  .join('; ')}
              </p>
              <Donut
                label="Time by category"
                height={HEIGHT}
                chartLabel={duration(all)}
                valueFormatter={duration}
                data={parts
                  .filter(({ seconds }) => seconds > 0)
                  .map(({ category, seconds }) => ({
                    name: CATEGORY_NAMES[category],
                    value: seconds,
                    color: CATEGORY_COLORS[category],
                  }))}
              />
            </>
          )
        }
      </Loaded>
    </ChartCard>
  )
}
