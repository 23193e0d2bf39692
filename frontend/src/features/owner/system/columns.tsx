// Columns of the system page's tables.
import { Button, Text } from '@mantine/core'
import { RotateCw } from 'lucide-react'
import type { System } from '~/api/types'
import type { Column } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { Pill, type Tone } from '~/components/pill'
import { count, duration } from '~/lib/format'
import { ago, formatDate } from '~/lib/time'

type Status = NonNullable<System['status']>

/** `silent_sessions` as a person would say it. */
export const words = (kind: string) => {
  const text = kind.replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const STATES: Record<string, [Tone, string]> = {
  queued: ['info', 'Waiting'],
  running: ['good', 'Running'],
  failed: ['bad', 'Failed'],
}

function When({ at, zone }: { at: string | null | undefined; zone: string }) {
  if (!at) return 'Not lately'
  return (
    <Text span size="sm" title={formatDate(at, zone)}>
      {ago(at)}
    </Text>
  )
}

export const scheduleColumns = (zone: string): Column<System['schedule'][number]>[] => [
  { key: 'kind', header: 'Job', names: true, cell: ({ kind }) => words(kind) },
  { key: 'every', header: 'Every', align: 'end', cell: (job) => duration(job.every_seconds) },
  {
    key: 'last',
    header: 'Last done',
    align: 'end',
    capital: true,
    cell: (job) => <When at={job.last_done_at} zone={zone} />,
  },
  {
    key: 'state',
    header: 'State',
    cell: ({ is_late }) => (
      <Pill tone={is_late ? 'warn' : 'good'}>{is_late ? 'Late' : 'On time'}</Pill>
    ),
  },
]

export const queueColumns = (zone: string): Column<System['queue'][number]>[] => [
  { key: 'kind', header: 'Job', names: true, cell: ({ kind }) => words(kind) },
  {
    key: 'state',
    header: 'State',
    cell: ({ state }) => {
      const [tone, word] = STATES[state] ?? ['off', state]
      return <Pill tone={tone}>{word}</Pill>
    },
  },
  { key: 'jobs', header: 'Jobs', align: 'end', cell: ({ jobs }) => count(jobs) },
  {
    key: 'oldest',
    header: 'Oldest due',
    align: 'end',
    capital: true,
    cell: ({ oldest_at }) => <When at={oldest_at} zone={zone} />,
  },
]

export const failedColumns = (
  zone: string,
  retry: (id: string) => void,
  retrying: string | undefined,
): Column<System['failed'][number]>[] => [
  { key: 'kind', header: 'Job', names: true, cell: ({ kind }) => words(kind) },
  {
    key: 'company',
    header: 'Company',
    cell: ({ company_id }) =>
      company_id ? (
        <AnchorLink size="sm" to="/owner/company/$companyId" params={{ companyId: company_id }}>
          Open
        </AnchorLink>
      ) : (
        'None'
      ),
  },
  { key: 'attempts', header: 'Attempts', align: 'end', cell: ({ attempts }) => count(attempts) },
  {
    key: 'failed',
    header: 'Failed',
    align: 'end',
    capital: true,
    cell: ({ failed_at }) => <When at={failed_at} zone={zone} />,
  },
  {
    key: 'retry',
    header: 'Actions',
    bare: true,
    align: 'end',
    cell: ({ id, kind }) => (
      <Button
        size="xs"
        variant="default"
        leftSection={<RotateCw size={14} aria-hidden />}
        aria-label={`Try again: ${words(kind)}`}
        loading={retrying === id}
        onClick={() => retry(id)}
      >
        Try again
      </Button>
    ),
  },
]

export const agentColumns: Column<Status['agents'][number]>[] = [
  { key: 'version', header: 'Version', names: true, cell: ({ version }) => version },
  { key: 'devices', header: 'Devices', align: 'end', cell: ({ devices }) => count(devices) },
]

const month = (name: string | null | undefined) => name?.replace('_', '-') ?? 'None'

export const partitionColumns: Column<Status['partitions'][number]>[] = [
  { key: 'table', header: 'Table', names: true, cell: ({ table }) => words(table) },
  { key: 'first', header: 'First month', cell: ({ first_month }) => month(first_month) },
  { key: 'last', header: 'Last month', cell: ({ last_month }) => month(last_month) },
  {
    key: 'stray',
    header: 'Rows of no month',
    cell: ({ has_stray_rows }) => (
      <Pill tone={has_stray_rows ? 'bad' : 'good'}>
        {has_stray_rows ? 'There are some' : 'None'}
      </Pill>
    ),
  },
]
