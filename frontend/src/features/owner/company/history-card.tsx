// The append-only history of plan and state: who did what, when, why.
import { Button, Card, Group, Skeleton, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useZone } from '~/api/me'
import type { CompanyDetail, SubscriptionEntry } from '~/api/types'
import { type Column, DataTable } from '~/components/data-table'
import { Loaded } from '~/components/loaded'
import { CompanyPill } from '~/components/pill'
import { money } from '~/lib/format'
import { formatDateTime } from '~/lib/time'
import { historyQuery } from './queries'

const EVENTS: Record<string, string> = {
  created: 'Created',
  plan_changed: 'Plan changed',
  suspended: 'Suspended',
  reactivated: 'Reactivated',
  trial_extended: 'Trial extended',
  expired: 'Expired',
  cancelled: 'Cancelled',
}

export function HistoryCard({ detail }: { detail: CompanyDetail }) {
  const zone = useZone()
  const history = useInfiniteQuery(historyQuery(detail.id))
  return (
    <Card p={0} component="section" aria-label="History">
      <Title order={2} size="h5" px="md" pt="lg" pb="sm">
        History
      </Title>
      <Loaded query={history} skeleton={<Skeleton h={160} m="lg" w="auto" />}>
        {({ pages }) => (
          <DataTable
            caption="History"
            columns={columns(zone)}
            rows={pages.flatMap((page) => page.items)}
            rowKey={(entry) => entry.id}
          />
        )}
      </Loaded>
      {history.hasNextPage && (
        <Group justify="center" p="md">
          <Button
            variant="default"
            size="xs"
            loading={history.isFetchingNextPage}
            onClick={() => void history.fetchNextPage()}
          >
            Earlier entries
          </Button>
        </Group>
      )}
    </Card>
  )
}

const columns = (zone: string): Column<SubscriptionEntry>[] => [
  {
    key: 'event',
    header: 'What',
    names: true,
    cell: (entry) => (
      <Text size="sm" fw={600}>
        {EVENTS[entry.event] ?? entry.event}
      </Text>
    ),
  },
  { key: 'at', header: 'When', cell: (entry) => formatDateTime(entry.starts_at, zone) },
  { key: 'status', header: 'State', cell: (entry) => <CompanyPill status={entry.status} /> },
  {
    key: 'plan',
    header: 'Plan',
    cell: (entry) => `${entry.plan}, ${money(entry.price_minor, entry.currency)} a ${entry.period}`,
  },
  { key: 'actor', header: 'By', cell: (entry) => entry.actor },
  { key: 'reason', header: 'Why', cell: (entry) => entry.reason ?? '–' },
]
