// How a desk starts to record: the company's key and the lines to type there.
import { Button, Card, Code, CopyButton, Group, List, Modal, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Copy, KeyRound } from 'lucide-react'
import { useMe } from '~/api/me'
import { AnchorLink } from '~/components/links'
import { RevealKey } from '~/components/reveal-key'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import c from './agent-setup.module.css'
import { useRevealOwnKey } from './queries'

const server = () => import.meta.env.VITE_API_URL || window.location.origin

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
          <AnchorLink to="/employees" search={{ invite: true }} inherit underline="always">
            Invite the person
          </AnchorLink>{' '}
          and let them set their password.
        </List.Item>
        <List.Item>
          On their computer, sign the agent in. It asks for their e-mail and password.
          <Lines name="The line to sign in" lines={loginLines('company_…')} />
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
      {open && <KeyDialog onClose={dialog.close} />}
    </Card>
  )
}

const loginLines = (key: string) => [
  `TRACKER_COMPANY_KEY=${key} tracker-agent login --server ${server()}`,
]

function KeyDialog({ onClose }: { onClose: () => void }) {
  const name = useMe().company?.name ?? 'your company'
  return (
    <Modal opened onClose={onClose} title={`Key of ${name}`} size="lg">
      <RevealKey reveal={useRevealOwnKey()} onClose={onClose}>
        {(key) => (
          <div>
            <Text size="sm" fw={550}>
              The line for a new desk
            </Text>
            <Lines name="The line with the key" lines={loginLines(key)} />
          </div>
        )}
      </RevealKey>
    </Modal>
  )
}

function Lines({ name, lines }: { name: string; lines: string[] }) {
  const text = lines.join('\n')
  return (
    <div className={c.lines}>
      <Code block className={c.code} tabIndex={0} role="region" aria-label={name}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<Copy size={12} aria-hidden />}
            onClick={copy}
            aria-label={copied ? 'Copied' : `Copy: ${name.toLowerCase()}`}
          >
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </div>
  )
}
