// Asks before somebody loses access, and says what happens to what was recorded.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Employee } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { plural } from '~/lib/format'
import { useSetActive } from './queries'

type DeactivateDialogProps = { person: Employee; onClose: () => void }

export function DeactivateDialog({ person, onClose }: DeactivateDialogProps) {
  const setActive = useSetActive(person.id)
  const name = person.name || person.email
  const confirm = () =>
    setActive.mutate(false, {
      onSuccess: () => {
        notifications.show({
          message: `${name} is deactivated.`,
        })
        onClose()
      },
    })
  return (
    <Modal opened onClose={onClose} title={`Deactivate ${name}?`}>
      <Stack>
        <Text size="sm">
          {`${name} is signed out everywhere and the agent on ${plural(person.devices, 'device')} is refused. What was recorded stays, and counts in reports. You can reactivate at any time.`}
        </Text>
        <FormProblem error={setActive.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red.9" loading={setActive.isPending} onClick={confirm}>
            Deactivate
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
