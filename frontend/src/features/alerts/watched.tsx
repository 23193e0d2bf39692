// Which rules watch the person who reads this, in plain words.
import { Card, List, Skeleton, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useZone } from '~/api/me'
import { Loaded } from '~/components/loaded'
import { formatDate } from '~/lib/time'
import { watchedQuery } from './queries'
import { ruleWords } from './words'

const SCOPES: Record<string, string> = {
  company: 'of everybody',
  team: 'of your team',
  person: 'of you alone',
}

export function Watched() {
  const zone = useZone()
  const watched = useQuery(watchedQuery)
  return (
    <Card component="section" aria-label="What is watched about you">
      <Title order={2} size="h5" mb="xs">
        What is watched about you
      </Title>
      <Loaded query={watched} skeleton={<Skeleton h={60} />}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              No rule watches you. When an admin makes one, it is listed here.
            </Text>
          ) : (
            <>
              <Text size="sm" mb="xs">
                Your admins are told when one of these holds:
              </Text>
              <List size="sm" spacing={4}>
                {items.map(({ scope, since, ...rule }) => (
                  <List.Item key={`${rule.kind} ${scope} ${rule.threshold} ${since}`}>
                    {ruleWords(rule)}.{' '}
                    <Text span c="dimmed" inherit>
                      Watched {SCOPES[scope] ?? scope} since {formatDate(since, zone)}.
                    </Text>
                  </List.Item>
                ))}
              </List>
            </>
          )
        }
      </Loaded>
    </Card>
  )
}
