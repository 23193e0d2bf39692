// A person's day by category, as the company's rules have it: the same for the admin who looks and for whose day it is.
import { Card, Skeleton, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { duration, percent } from '~/lib/format'
import {
  CATEGORY_COLORS,
  CATEGORY_NAMES,
  categoriesQuery,
  secondsOf,
} from '../categories/categories'
import { Loaded } from '../loaded'
import c from './categories-card.module.css'

const colorOf = (name: string) => `var(--mantine-color-${name.replace('.', '-')})`

export function CategoriesCard({
  userId,
  day,
  live,
}: {
  userId: string
  day: string
  live: boolean
}) {
  const usage = useQuery(categoriesQuery({ from: day, to: day, user_id: userId }, live))
  return (
    <Card component="section" aria-label="Time by category">
      <Title order={2} size="h5">
        Time by category
      </Title>
      <Text size="xs" c="dimmed" mb="sm">
        As the company’s rules have it: what they say nothing about is unclassified.
      </Text>
      <Loaded query={usage} skeleton={<Skeleton h={64} />}>
        {(loaded) => {
          const parts = secondsOf(loaded)
          const all = parts.reduce((sum, { seconds }) => sum + seconds, 0)
          return (
            <>
              <div className={c.bar} aria-hidden>
                {parts.map(({ category, seconds }) => (
                  <span
                    key={category}
                    style={{ flexGrow: seconds, background: colorOf(CATEGORY_COLORS[category]) }}
                  />
                ))}
              </div>
              <ul className={c.parts}>
                {parts.map(({ category, seconds }) => (
                  <li key={category}>
                    <span
                      className={c.dot}
                      aria-hidden
                      style={{ background: colorOf(CATEGORY_COLORS[category]) }}
                    />
                    <Text span size="sm" fw={550}>
                      {CATEGORY_NAMES[category]}
                    </Text>{' '}
                    <Text span size="sm" className="numbers">
                      {duration(seconds)}
                      {all > 0 && ` (${percent(seconds, all) ?? '–'})`}
                    </Text>
                  </li>
                ))}
              </ul>
            </>
          )
        }}
      </Loaded>
    </Card>
  )
}
