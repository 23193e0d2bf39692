// The agents that record for one, and whether what they recorded has arrived.
import { Card, Group, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Laptop } from 'lucide-react'
import { useZone } from '~/api/me'
import type { Device } from '~/api/types'
import { devicesQuery } from '~/components/devices/queries'
import { moment, stateOf } from '~/components/devices/words'
import { Empty } from '~/components/empty'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { Pill } from '~/components/pill'
import { count } from '~/lib/format'
import c from './agents-card.module.css'

export function AgentsCard() {
  const devices = useQuery(devicesQuery())
  return (
    <Card component="section" aria-label="My agents">
      <Group justify="space-between" mb="xs" gap="xs">
        <div>
          <Title order={2} size="h5">
            My agents
          </Title>
          <Text size="sm" c="dimmed">
            What they have told of what waits on your computers.
          </Text>
        </div>
        <AnchorLink to="/profile" size="sm">
          My devices
        </AnchorLink>
      </Group>
      <Loaded
        query={devices}
        skeleton={
          <Stack>
            <Skeleton h={72} />
          </Stack>
        }
      >
        {({ items }) => <Agents items={items.filter((device) => !device.revoked_at)} />}
      </Loaded>
    </Card>
  )
}

function Agents({ items }: { items: Device[] }) {
  if (items.length === 0)
    return (
      <Empty icon={Laptop} title="No agent yet">
        It appears here when you sign in to the agent on your computer.
      </Empty>
    )
  return (
    <ul className={c.agents}>
      {items.map((device) => (
        <Agent key={device.id} device={device} />
      ))}
    </ul>
  )
}

function Agent({ device }: { device: Device }) {
  const zone = useZone()
  const state = stateOf(device, zone)
  const number = (value: number | undefined) => (value === undefined ? '–' : count(value))
  const at = (instant: string | undefined) => (instant ? moment(instant, zone) : '–')
  const facts = [
    ['Items queued', number(device.queued_items)],
    ['Screenshots queued', number(device.queued_screenshots)],
    ['Oldest queued', at(device.oldest_queued_at)],
    ['Last acknowledged', at(device.last_synced_at)],
    ...(device.dead_letters ? [['Not taken', number(device.dead_letters)]] : []),
  ]
  return (
    <li>
      <ThemeIcon variant="light" color="gray" size={36} radius="xl" aria-hidden>
        <Laptop size={18} />
      </ThemeIcon>
      <div className={c.what}>
        <Group gap="xs">
          <Text fw={550} size="sm">
            {device.name}
          </Text>
          <Pill tone={state.tone}>{state.name}</Pill>
        </Group>
        <Text size="sm">{state.words}</Text>
        <dl className={c.facts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <Text component="dt" size="xs" c="dimmed">
                {name}
              </Text>
              <Text component="dd" size="sm" m={0}>
                {value}
              </Text>
            </div>
          ))}
        </dl>
      </div>
    </li>
  )
}
