// The append-only history of plan and state as a timeline: who did what, when, why, and what it cost from then on.
import { Card, Group, Skeleton, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useZone } from '~/api/me'
import type { CompanyDetail, SubscriptionEntry } from '~/api/types'
import { Earlier } from '~/components/earlier'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { CompanyPill } from '~/components/pill'
import { money } from '~/lib/format'
import { formatDateTime } from '~/lib/time'
import c from './history-card.module.css'
import { historyQuery } from './queries'

const EVENTS: Record<string, string> = {
  created: 'Created',
  activated: 'Activated',
  renewed: 'Renewed',
  plan_changed: 'Plan changed',
  suspended: 'Suspended',
  reactivated: 'Reactivated',
  trial_extended: 'Trial extended',
  expired: 'Expired',
  cancelled: 'Cancelled',
}

export function HistoryCard({ detail }: { detail: CompanyDetail }) {
  const history = useInfiniteQuery(historyQuery(detail.id))
  return (
    <Card component="section" aria-label="History">
      <Group justify="space-between" pb="sm">
        <Title order={2} size="h5">
          History
        </Title>
        <AnchorLink to="/owner/audit" search={{ company: detail.id }} size="sm" underline="always">
          Audit log
        </AnchorLink>
      </Group>
      <Loaded query={history} skeleton={<Skeleton h={160} w="auto" />}>
        {({ pages }) => (
          <ol className={c.timeline}>
            {pages
              .flatMap((page) => page.items)
              .map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
          </ol>
        )}
      </Loaded>
      <Earlier query={history} label="Earlier entries" />
    </Card>
  )
}

function Entry({ entry }: { entry: SubscriptionEntry }) {
  const zone = useZone()
  return (
    <li className={c.entry} data-status={entry.status}>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {EVENTS[entry.event] ?? entry.event}
        </Text>
        <CompanyPill status={entry.status} />
      </Group>
      <Text size="sm" className="numbers">
        {entry.plan}, {money(entry.price_minor, entry.currency)} a {entry.period}
      </Text>
      {entry.reason && <Text size="sm">{entry.reason}</Text>}
      <Text size="xs" c="dimmed">
        <time dateTime={entry.starts_at}>{formatDateTime(entry.starts_at, zone)}</time> by{' '}
        {entry.actor}
      </Text>
    </li>
  )
}
