// Asks before a program loses its access.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { ApiToken } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { useRevokeApiToken } from './queries'

export default function RevokeDialog({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const revoke = useRevokeApiToken()
  const confirm = () =>
    revoke.mutate(token.id, {
      onSuccess: () => {
        notifications.show({ message: `${token.name} is revoked.` })
        onClose()
      },
    })
  return (
    <Modal opened onClose={onClose} title={`Revoke ${token.name}?`}>
      <Stack>
        <Text size="sm">
          Programs that use this token are refused from now on. A revoked token cannot be made to
          work again; you can make a new one.
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
