// Browsers and desktop agents that may act as this person, each with its end.
import { Button, Card, Group, Modal, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { AppWindow, Globe } from 'lucide-react'
import { asAppError } from '~/api/errors'
import { useZone } from '~/api/me'
import type { SignIn } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { Pill } from '~/components/pill'
import { plural } from '~/lib/format'
import { ago, formatDateTime } from '~/lib/time'
import { browserName } from '~/lib/user-agent'
import c from './profile-page.module.css'
import { signInsQuery, useEndOtherSignIns, useEndSignIn } from './queries'

export function SignInsCard() {
  const signIns = useQuery(signInsQuery)
  const [asking, dialog] = useDisclosure()
  const others = signIns.data?.items.some((signIn) => !signIn.current)
  return (
    <Card component="section" aria-label="Open sign-ins">
      <Group justify="space-between" mb="sm">
        <div>
          <Title order={2} size="h5">
            Open sign-ins
          </Title>
          <Text size="sm" c="dimmed">
            End what you do not know, then change your password.
          </Text>
        </div>
        {others && (
          <Button variant="default" onClick={dialog.open}>
            End all others
          </Button>
        )}
      </Group>
      <Loaded
        query={signIns}
        skeleton={
          <Stack>
            <Skeleton h={52} />
            <Skeleton h={52} />
          </Stack>
        }
      >
        {({ items }) => (
          <ul className={c.rows}>
            {items.map((signIn) => (
              <Row key={signIn.id} signIn={signIn} />
            ))}
          </ul>
        )}
      </Loaded>
      {asking && <EndOthersDialog onClose={dialog.close} />}
    </Card>
  )
}

function Row({ signIn }: { signIn: SignIn }) {
  const zone = useZone()
  const end = useEndSignIn()
  const isAgent = signIn.kind === 'agent'
  const Icon = isAgent ? AppWindow : Globe
  const name = isAgent
    ? `Desktop agent${signIn.device_name ? ` on ${signIn.device_name}` : ''}`
    : browserName(signIn.user_agent)
  const confirm = () =>
    end.mutate(signIn.id, {
      onSuccess: () => notifications.show({ message: `${name} is signed out.` }),
      onError: (thrown) => {
        const problem = asAppError(thrown)
        // Somebody was faster: it is gone, which was wanted.
        if (problem.status === 404) return
        notifications.show({ color: 'red', title: problem.title, message: problem.detail ?? '' })
      },
    })
  return (
    <li>
      <ThemeIcon variant="light" color="gray" size={36} radius="xl" aria-hidden>
        <Icon size={18} />
      </ThemeIcon>
      <div className={c.what}>
        <Group gap="xs">
          <Text fw={550} size="sm">
            {name}
          </Text>
          {signIn.current && <Pill tone="good">This browser</Pill>}
        </Group>
        <Text size="xs" c="dimmed">
          {signIn.address ? `${signIn.address} · ` : ''}since{' '}
          {formatDateTime(signIn.created_at, zone)} · last renewed {ago(signIn.last_used_at)}
        </Text>
      </div>
      {!signIn.current && (
        <Button
          size="xs"
          variant="default"
          loading={end.isPending}
          onClick={confirm}
          aria-label={`End ${name}`}
        >
          End
        </Button>
      )}
    </li>
  )
}

function EndOthersDialog({ onClose }: { onClose: () => void }) {
  const end = useEndOtherSignIns()
  const confirm = () =>
    end.mutate(undefined, {
      onSuccess: ({ ended }) => {
        notifications.show({ message: `${plural(ended, 'sign-in')} ended.` })
        onClose()
      },
    })
  return (
    <Modal opened onClose={onClose} title="End all other sign-ins?">
      <Stack>
        <Text size="sm">
          Every other browser and every desktop agent has to sign in again. Agents keep what they
          have not sent yet.
        </Text>
        <FormProblem error={end.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button loading={end.isPending} onClick={confirm}>
            End them
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
