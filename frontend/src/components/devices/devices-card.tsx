// Devices with what waits on each, and refusing one for good: a person's, or one's own.
import { Button, Card, Group, Modal, Skeleton, Stack, Text, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { Laptop } from 'lucide-react'
import { useState } from 'react'
import { useZone } from '~/api/me'
import type { Device } from '~/api/types'
import { type Column, DataTable, TwoLines } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { Pill } from '~/components/pill'
import { WithReason } from '~/components/with-reason'
import { count } from '~/lib/format'
import { ago, formatDate, formatDateTime } from '~/lib/time'
import { devicesQuery, useRevokeDevice } from './queries'
import { limitationsOf, stateOf } from './words'

type DevicesCardProps = {
  /** Whose; undefined for oneself. */
  id?: string
  purpose: string
  /** When the list is empty. */
  nothing: string
  /** Why none can be revoked. */
  readOnly: string | undefined
}

export function DevicesCard({ id, purpose, nothing, readOnly }: DevicesCardProps) {
  const devices = useQuery(devicesQuery(id))
  const zone = useZone()
  const [revoking, revoke] = useState<Device>()
  return (
    <Card p={0} component="section" aria-label="Devices">
      <Stack gap={2} p="md">
        <Title order={2} size="h5">
          Devices
        </Title>
        <Text size="sm" c="dimmed">
          {purpose}
        </Text>
      </Stack>
      <Loaded query={devices} skeleton={<Skeleton h={160} m="md" w="auto" />}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={Laptop} title="No device yet">
              {nothing}
            </Empty>
          ) : (
            <DataTable
              caption="Devices"
              columns={columns(zone, readOnly, revoke)}
              rows={items}
              rowKey={(device) => device.id}
            />
          )
        }
      </Loaded>
      {revoking && <RevokeDialog id={id} device={revoking} onClose={() => revoke(undefined)} />}
    </Card>
  )
}

function columns(
  zone: string,
  readOnly: string | undefined,
  onRevoke: (device: Device) => void,
): Column<Device>[] {
  return [
    {
      key: 'name',
      header: 'Device',
      names: true,
      cell: (device) => <TwoLines first={device.name} second={device.os} />,
    },
    { key: 'agent', header: 'Agent', cell: (device) => device.agent_version },
    {
      key: 'state',
      header: 'State',
      cell: (device) => <State device={device} zone={zone} />,
    },
    {
      key: 'seen',
      header: 'Last seen',
      capital: true,
      cell: (device) => (
        <span title={formatDateTime(device.last_seen_at, zone)}>{ago(device.last_seen_at)}</span>
      ),
    },
    { key: 'since', header: 'Since', cell: (device) => formatDate(device.created_at, zone) },
    {
      key: 'revoke',
      header: 'Actions',
      bare: true,
      align: 'end',
      cell: (device) =>
        !device.revoked_at && (
          <WithReason reason={readOnly}>
            {(blocked) => (
              <Button
                variant="default"
                size="xs"
                aria-label={`Revoke ${device.name}`}
                onClick={() => onRevoke(device)}
                {...blocked}
              >
                Revoke
              </Button>
            )}
          </WithReason>
        ),
    },
  ]
}

/** Its words are the reason why one looks here: they are not cut. */
function State({ device, zone }: { device: Device; zone: string }) {
  const state = stateOf(device, zone)
  const limitations = limitationsOf(device)
  const notTaken = device.dead_letters ? `${count(device.dead_letters)} not taken.` : ''
  return (
    <Stack gap={4} maw="26rem">
      <Group gap={6}>
        <Pill tone={state.tone}>{state.name}</Pill>
        {limitations.length > 0 && !device.revoked_at && <Pill tone="warn">Limited</Pill>}
      </Group>
      <Text size="xs" c="dimmed">
        {[state.words, notTaken, limitations.join(', ')].filter(Boolean).join(' ')}
      </Text>
    </Stack>
  )
}

type RevokeDialogProps = { id: string | undefined; device: Device; onClose: () => void }

function RevokeDialog({ id, device, onClose }: RevokeDialogProps) {
  const revoke = useRevokeDevice(id)
  const confirm = () =>
    revoke.mutate(device.id, {
      onSuccess: () => {
        notifications.show({ message: `${device.name} is refused from now on.` })
        onClose()
      },
    })
  return (
    <Modal opened onClose={onClose} title={`Revoke ${device.name}?`}>
      <Stack>
        <Text size="sm">
          Its agent is refused at once, and cannot sign in again: for a computer that is lost or
          given away. What it has not sent yet stays on it. What was recorded stays here. This
          cannot be taken back; an agent that is installed anew is another device.
        </Text>
        <FormProblem error={revoke.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red.9" loading={revoke.isPending} onClick={confirm}>
            Revoke
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
