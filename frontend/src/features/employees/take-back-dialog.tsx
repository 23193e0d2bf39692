// Asks before an invitation is taken back.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Employee } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { useRevokeInvitation } from './queries'

export function TakeBackDialog({ person, onClose }: { person: Employee; onClose: () => void }) {
  const revoke = useRevokeInvitation(person.id)
  const confirm = () =>
    revoke.mutate(undefined, {
      onSuccess: () => {
        notifications.show({ message: `${person.email} is not invited any more.` })
        onClose()
      },
    })
  return (
    <Modal opened onClose={onClose} title={`Take the invitation of ${person.email} back?`}>
      <Stack>
        <Text size="sm">Its links stop working, and its seat is free. You can invite again.</Text>
        <FormProblem error={revoke.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red.9" loading={revoke.isPending} onClick={confirm}>
            Take back
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
