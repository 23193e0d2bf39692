// Who looked at a person's days and pictures. The person sees the same list as the admins.
import { Card, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Eye } from 'lucide-react'
import { useMe, useZone } from '~/api/me'
import type { AccessEntry } from '~/api/types'
import { type Column, DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { Loaded } from '~/components/loaded'
import { Pager } from '~/components/pager'
import { reasonWords } from '~/components/screenshots/reasons'
import { formatDateTime, formatDay } from '~/lib/time'
import { accessQuery } from './queries'

const KINDS: Record<string, string> = {
  timeline: 'The day',
  sessions: 'The sessions',
  gallery: 'Pictures, blurred',
  screenshot: 'An original picture',
  export: 'An export',
  usage: 'Sums of days',
  live: 'Who works now',
  tasks: 'Time spent on tasks',
  alerts: 'Alerts',
  team_sums: 'Sums of your team',
}

/** A day, a stretch of days, or the picture of a moment. */
function what({ kind, day, taken_at }: AccessEntry, zone: string): string {
  if (taken_at) return formatDateTime(taken_at, zone)
  return ['usage', 'tasks', 'team_sums'].includes(kind)
    ? `Days up to ${formatDay(day)}`
    : formatDay(day)
}

type AccessLogProps = {
  /** Whose. */
  id: string
  cursor: string | undefined
  onGo: (cursor: string | undefined, state: { pagedFrom: boolean }) => void
}

export default function AccessLog({ id, cursor, onGo }: AccessLogProps) {
  const isMine = useMe().id === id
  const entries = useQuery(accessQuery(isMine ? undefined : id, cursor))
  const zone = useZone()
  const columns: Column<AccessEntry>[] = [
    { key: 'viewer', header: 'Who', names: true, cell: ({ viewer_name }) => viewer_name },
    { key: 'at', header: 'When', cell: ({ at }) => formatDateTime(at, zone) },
    { key: 'kind', header: 'Opened', cell: ({ kind }) => KINDS[kind] ?? kind },
    { key: 'day', header: 'Of', cell: (entry) => what(entry, zone) },
    { key: 'reason', header: 'Why', cell: ({ reason, note }) => reasonWords(reason, note) || '–' },
  ]
  return (
    <Card p={0} component="section" aria-label="Access log">
      <Stack gap={2} p="md">
        <Title order={2} size="h5">
          Access log
        </Title>
        <Text size="sm" c="dimmed">
          {isMine
            ? 'Who opened what was recorded about you. Your admins see the same list.'
            : 'Who opened what was recorded about this person. They see the same list.'}{' '}
          Looking again within ten minutes is one entry. An original picture is opened with a
          reason, and each one is an entry.
        </Text>
      </Stack>
      <Loaded query={entries} skeleton={<Skeleton h={240} m="md" w="auto" />}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty icon={Eye} title="Nobody has looked">
              {isMine
                ? 'When somebody else opens a day or a picture of yours, it is noted here.'
                : 'Opening a day or a screenshot of somebody else is noted here.'}
            </Empty>
          ) : (
            <>
              <DataTable
                caption="Access log"
                columns={columns}
                rows={page.items}
                rowKey={({ at, kind, day, viewer_name, taken_at }) =>
                  `${at} ${kind} ${day} ${viewer_name} ${taken_at}`
                }
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
