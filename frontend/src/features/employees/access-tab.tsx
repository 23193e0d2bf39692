// Who looked at a person's days and pictures. The person sees the same list.
import { Card, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Eye } from 'lucide-react'
import { useZone } from '~/api/me'
import type { AccessEntry } from '~/api/types'
import { type Column, DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { Loaded } from '~/components/loaded'
import { Pager } from '~/components/pager'
import { formatDateTime, formatDay } from '~/lib/time'
import { accessQuery } from './queries'

const KINDS: Record<string, string> = {
  timeline: 'The day',
  sessions: 'The sessions',
  screenshot: 'A screenshot',
  export: 'An export',
  usage: 'Sums of days',
}

type AccessTabProps = {
  id: string
  cursor: string | undefined
  onGo: (cursor: string | undefined, state: { pagedFrom: boolean }) => void
}

export default function AccessTab({ id, cursor, onGo }: AccessTabProps) {
  const entries = useQuery(accessQuery(id, cursor))
  const zone = useZone()
  const columns: Column<AccessEntry>[] = [
    { key: 'viewer', header: 'Who', names: true, cell: ({ viewer_name }) => viewer_name },
    { key: 'at', header: 'When', cell: ({ at }) => formatDateTime(at, zone) },
    { key: 'kind', header: 'Opened', cell: ({ kind }) => KINDS[kind] ?? kind },
    {
      key: 'day',
      header: 'Of',
      cell: ({ kind, day }) => (kind === 'usage' ? `Days up to ${formatDay(day)}` : formatDay(day)),
    },
  ]
  return (
    <Card p={0} component="section" aria-label="Access log">
      <Stack gap={2} p="md">
        <Title order={2} size="h5">
          Access log
        </Title>
        <Text size="sm" c="dimmed">
          Who opened what was recorded about this person. They see the same list. Looking again
          within ten minutes is one entry.
        </Text>
      </Stack>
      <Loaded query={entries} skeleton={<Skeleton h={240} m="md" w="auto" />}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty icon={Eye} title="Nobody has looked">
              Opening a day or a screenshot of somebody else is noted here.
            </Empty>
          ) : (
            <>
              <DataTable
                caption="Access log"
                columns={columns}
                rows={page.items}
                rowKey={({ at, kind, day, viewer_name }) => `${at} ${kind} ${day} ${viewer_name}`}
                busy={entries.isPlaceholderData}
              />
              <Pager
                shown={page.items.length}
                cursor={cursor}
                next={page.next_cursor}
                onGo={onGo}
              />
            </>
          )
        }
      </Loaded>
    </Card>
  )
}
