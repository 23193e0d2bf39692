// Signs somebody out everywhere, for a lost computer: they may sign in again at once.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Employee } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { plural } from '~/lib/format'
import { useEndSignIns } from './queries'

type EndSignInsDialogProps = { person: Employee; onClose: () => void }

export function EndSignInsDialog({ person, onClose }: EndSignInsDialogProps) {
  const end = useEndSignIns(person.id)
  const name = person.name || person.email
  const confirm = () =>
    end.mutate(undefined, {
      onSuccess: ({ ended }) => {
        notifications.show({ message: `${name}: ${plural(ended, 'sign-in')} ended.` })
        onClose()
      },
    })
  return (
    <Modal opened onClose={onClose} title={`Sign ${name} out everywhere?`}>
      <Stack>
        <Text size="sm">
          Every browser and desktop agent of this person has to sign in again. Agents keep what they
          have not sent yet.
        </Text>
        <FormProblem error={end.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button loading={end.isPending} onClick={confirm}>
            Sign out everywhere
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
