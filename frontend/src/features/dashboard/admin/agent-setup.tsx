// How a desk starts to record: the company's key and the lines to type there.
import { Button, Card, Group, List, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { KeyRound } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useMe } from '~/api/me'
import { AnchorLink } from '~/components/links'
import { WithReason } from '~/components/with-reason'
import { agentSetUp } from '~/lib/agent'
import { whyReadOnly } from '~/lib/can'
import { Lines } from './lines'

const KeyDialog = lazy(() => import('./key-dialog'))

export function AgentSetup() {
  const [open, dialog] = useDisclosure()
  const reason = whyReadOnly(useMe())
  return (
    <Card component="section" aria-label="Set up agents">
      <Group justify="space-between" align="flex-start" mb="sm">
        <Title order={2} size="h5">
          Set up agents
        </Title>
        <WithReason reason={reason}>
          {(blocked) => (
            <Button
              variant="default"
              size="xs"
              leftSection={<KeyRound size={14} aria-hidden />}
              onClick={dialog.open}
              {...blocked}
            >
              Show company key
            </Button>
          )}
        </WithReason>
      </Group>
      <List type="ordered" spacing="md" size="sm">
        <List.Item>
          {reason ? (
            'Invite the person'
          ) : (
            <AnchorLink to="/employees" search={{ invite: true }} inherit underline="always">
              Invite the person
            </AnchorLink>
          )}{' '}
          and let them set their password.
        </List.Item>
        <List.Item>
          On their computer, sign the agent in. It asks for their e-mail and password.
          <Lines name="The line to sign in" lines={[agentSetUp('company_…')]} />
        </List.Item>
        <List.Item>
          Start it now, and with the desktop from then on.
          <Lines name="The lines to start" lines={['tracker-agent run', 'tracker-agent install']} />
        </List.Item>
      </List>
      <Text size="xs" c="dimmed" mt="md">
        The agent says what it records, and the person can pause it for private time. What it could
        not send is kept and sent later.
      </Text>
      <Suspense>{open && <KeyDialog onClose={dialog.close} />}</Suspense>
    </Card>
  )
}
