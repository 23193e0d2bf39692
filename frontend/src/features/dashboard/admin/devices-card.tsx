// Devices that somebody should look after.
import { Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { LaptopMinimalCheck } from 'lucide-react'
import type { OverviewDevice, OverviewDevices } from '~/api/types'
import { type Column, DataTable, TwoLines } from '~/components/data-table'
import { limitationsOf } from '~/components/devices/words'
import { Empty } from '~/components/empty'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { Pill } from '~/components/pill'
import { plural } from '~/lib/format'
import { ago, formatDay } from '~/lib/time'
import { overviewDevicesQuery } from './queries'

const PROBLEMS: Record<OverviewDevice['problems'][number], string> = {
  silent: 'Silent',
  old_version: 'Old agent',
  limited: 'Limited',
}

export function DevicesCard() {
  const devices = useQuery(overviewDevicesQuery)
  return (
    <Card p={0} component="section" aria-label="Devices to look after">
      <Stack gap={2} p="md">
        <Title order={2} size="h5">
          Devices to look after
        </Title>
        {devices.data && (
          <Text size="sm" c="dimmed">
            {inWords(devices.data)}
          </Text>
        )}
      </Stack>
      <Loaded query={devices} skeleton={<Skeleton h={160} m="md" w="auto" />}>
        {({ items, newest_version }) =>
          items.length === 0 ? (
            <Empty icon={LaptopMinimalCheck} title="Nothing to look after" />
          ) : (
            <DataTable
              caption="Devices to look after"
              columns={columns(newest_version)}
              rows={items}
              rowKey={({ id }) => id}
            />
          )
        }
      </Loaded>
    </Card>
  )
}

function inWords({ items, total, counts, working_day }: OverviewDevices) {
  const silent = working_day
    ? `Silent: nothing was heard on ${formatDay(working_day, 'weekday')}, the last working day, nor since; it may be a holiday.`
    : ''
  if (total === 0)
    return working_day ? `As of ${formatDay(working_day, 'weekday')}, the last working day.` : ''
  const shown = items.length < total ? ` The first ${items.length} are shown.` : ''
  return `${plural(total, 'device')}: ${counts.silent} silent, ${counts.old_version} with an old agent, ${counts.limited} limited.${shown} ${silent}`
}

const columns = (newest: string): Column<OverviewDevice>[] => [
  {
    key: 'person',
    header: 'Person',
    names: true,
    cell: ({ user_id, user_name }) => (
      <AnchorLink
        to="/employees/$employeeId"
        params={{ employeeId: user_id }}
        search={{ tab: 'devices' }}
        inherit
      >
        {user_name}
      </AnchorLink>
    ),
  },
  {
    key: 'device',
    header: 'Device',
    cell: ({ name, os }) => <TwoLines first={name} second={os} />,
  },
  {
    key: 'problem',
    header: 'Problem',
    cell: ({ problems, limitations, agent_version }) => (
      <>
        <Group gap={6}>
          {problems.map((problem) => (
            <Pill key={problem} tone={problem === 'silent' ? 'bad' : 'warn'}>
              {PROBLEMS[problem]}
            </Pill>
          ))}
        </Group>
        <Text size="xs" c="dimmed">
          {[
            problems.includes('old_version') && `agent ${agent_version}, newest is ${newest}`,
            ...limitationsOf({ limitations }),
          ]
            .filter(Boolean)
            .join(', ')}
        </Text>
      </>
    ),
  },
  {
    key: 'seen',
    header: 'Last heard',
    capital: true,
    cell: ({ last_seen_at }) => ago(last_seen_at),
  },
]
