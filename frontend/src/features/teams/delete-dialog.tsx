// Asks before a team is gone, and says what becomes of its people.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Team } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { useDeleteTeam } from '~/components/teams/queries'
import { plural } from '~/lib/format'

export function DeleteDialog({ team, onClose }: { team: Team; onClose: () => void }) {
  const remove = useDeleteTeam(team.id)
  const people = team.members + team.deactivated_members
  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess: () => {
        notifications.show({ message: `${team.name} is deleted.` })
        onClose()
      },
    })
  return (
    <Modal opened onClose={onClose} title={`Delete ${team.name}?`}>
      <Stack>
        <Text size="sm">
          {people > 0 ? `${plural(people, 'person', 'people')} will be in no team. ` : ''}
          Nobody loses access, and what was recorded stays with the people. The team’s own settings
          end with it.
        </Text>
        <FormProblem error={remove.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red.9" loading={remove.isPending} onClick={confirm}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
