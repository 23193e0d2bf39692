// How the service itself is doing: jobs, database, agents. Counts and times, nothing of a person.
import { Alert, Card, List, Skeleton, Stack, Text, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { Clock, Database, ListTodo, ShieldAlert, ShieldCheck, TriangleAlert } from 'lucide-react'
import { asAppError } from '~/api/errors'
import { useZone } from '~/api/me'
import type { System } from '~/api/types'
import { type Column, DataTable } from '~/components/data-table'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { StatTile, StatTiles } from '~/components/stat-tile'
import { bytes, count, plural } from '~/lib/format'
import { formatTime } from '~/lib/time'
import {
  agentColumns,
  failedColumns,
  partitionColumns,
  queueColumns,
  scheduleColumns,
  words,
} from './columns'
import { systemQuery, useRetry } from './queries'

export function SystemPage() {
  const system = useQuery(systemQuery)
  return (
    <Page title="System" purpose="How the service itself is doing. Nothing here is about a person.">
      <Loaded query={system} skeleton={<Skeleton h={420} />}>
        {(system) => (
          <Stack gap="lg">
            <Tiles system={system} />
            <Warnings system={system} />
            <Jobs system={system} />
            <Counted status={system.status} />
          </Stack>
        )}
      </Loaded>
    </Page>
  )
}

function Tiles({ system: { queue, schedule, status } }: { system: System }) {
  const jobs = (wanted: string) =>
    queue.reduce((sum, { state, jobs }) => sum + (state === wanted ? jobs : 0), 0)
  const late = schedule.filter(({ is_late }) => is_late).length
  return (
    <StatTiles>
      <StatTile
        icon={ListTodo}
        label="Jobs waiting"
        value={count(jobs('queued'))}
        hint={`${count(jobs('running'))} running`}
      />
      <StatTile
        icon={TriangleAlert}
        label="Jobs failed"
        value={count(jobs('failed'))}
        hint="Tried eight times, within two weeks"
      />
      <StatTile
        icon={Clock}
        label="Regular jobs late"
        value={count(late)}
        hint={`Of ${count(schedule.length)}`}
      />
      <StatTile
        icon={Database}
        label="Database"
        value={status ? bytes(status.database_bytes) : '–'}
        hint="Pictures are stored elsewhere"
      />
      <StatTile
        icon={status?.findings.length ? ShieldAlert : ShieldCheck}
        label="Findings"
        value={status ? count(status.findings.length) : '–'}
        hint="In what keeps companies apart"
      />
    </StatTiles>
  )
}

function Warnings({ system: { status } }: { system: System }) {
  const stray = status?.partitions.filter(({ has_stray_rows }) => has_stray_rows) ?? []
  const findings = status?.findings ?? []
  if (stray.length + findings.length === 0) return null
  return (
    <Alert
      color="red"
      radius="lg"
      icon={<ShieldAlert size={20} aria-hidden />}
      title="Somebody should look at the database"
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      <List size="sm">
        {stray.map(({ table }) => (
          <List.Item key={table}>
            {words(table)} has rows that no month holds. They block their month until they are
            moved.
          </List.Item>
        ))}
        {findings.map((finding) => (
          <List.Item key={finding}>{finding}</List.Item>
        ))}
      </List>
    </Alert>
  )
}

function Jobs({ system: { queue, schedule, failed } }: { system: System }) {
  const zone = useZone()
  const retry = useRetry()
  const again = (id: string) =>
    retry.mutate(id, {
      onSuccess: ({ kind }) => notifications.show({ message: `${words(kind)} is tried again.` }),
      onError: (error) => {
        const { title, detail } = asAppError(error)
        notifications.show({ color: 'red', title: 'Not tried again', message: detail ?? title })
      },
    })
  const columns = failedColumns(zone, again, retry.isPending ? retry.variables : undefined)
  return (
    <>
      <Rows
        title="Failed jobs"
        columns={columns}
        rows={failed}
        rowKey={({ id }) => id}
        none="No job has failed."
      />
      <Rows
        title="Regular jobs"
        columns={scheduleColumns(zone)}
        rows={schedule}
        rowKey={({ kind }) => kind}
        none="There are none."
      />
      <Rows
        title="Queue"
        columns={queueColumns(zone)}
        rows={queue}
        rowKey={({ kind, state }) => `${kind} ${state}`}
        none="Nothing waits."
      />
    </>
  )
}

function Counted({ status }: { status: System['status'] }) {
  const zone = useZone()
  if (!status)
    return (
      <Text size="sm" c="dimmed">
        Agents and months have not been counted yet. That is done every five minutes.
      </Text>
    )
  return (
    <>
      <Rows
        title="Agents by version"
        columns={agentColumns}
        rows={status.agents}
        rowKey={({ version }) => version}
        none="No agent was heard within 30 days."
      />
      <Rows
        title="Months of raw rows"
        columns={partitionColumns}
        rows={status.partitions}
        rowKey={({ table }) => table}
        none="There are none."
      />
      <Text size="xs" c="dimmed">
        {plural(
          status.agents.reduce((sum, { devices }) => sum + devices, 0),
          'device',
        )}{' '}
        within 30 days. Database, agents, months and findings as of{' '}
        {formatTime(status.counted_at, zone)}, counted every five minutes.
      </Text>
    </>
  )
}

type RowsProps<T> = {
  title: string
  columns: Column<T>[]
  rows: T[]
  rowKey: (row: T) => string
  none: string
}

function Rows<T>({ title, columns, rows, rowKey, none }: RowsProps<T>) {
  return (
    <Card p={0} component="section" aria-label={title}>
      <Title order={2} size="h4" p="md">
        {title}
      </Title>
      {rows.length === 0 ? (
        <Text size="sm" c="dimmed" px="md" pb="md">
          {none}
        </Text>
      ) : (
        <DataTable caption={title} columns={columns} rows={rows} rowKey={rowKey} />
      )}
    </Card>
  )
}
