// The dialog that shows an admin the company's key, in the line that a new desk needs.
import { Modal, Text } from '@mantine/core'
import { useMe } from '~/api/me'
import { RevealKey } from '~/components/reveal-key'
import { agentSetUp } from '~/lib/agent'
import { Lines } from './lines'
import { useRevealOwnKey } from './queries'

export default function KeyDialog({ onClose }: { onClose: () => void }) {
  const name = useMe().company?.name ?? 'your company'
  return (
    <Modal opened onClose={onClose} title={`Key of ${name}`} size="lg">
      <RevealKey reveal={useRevealOwnKey()} onClose={onClose}>
        {(key) => (
          <div>
            <Text size="sm" fw={550}>
              The line for a new desk
            </Text>
            <Lines name="The line with the key" lines={[agentSetUp(key)]} />
          </div>
        )}
      </RevealKey>
    </Modal>
  )
}
