// Puts people into a team: found by name, chosen one by one, moved together.
import { Button, Checkbox, Group, Modal, Skeleton, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Employee, Team } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { SearchField } from '~/components/search-field'
import { activePeopleQuery, useAddMembers } from '~/components/teams/queries'
import { plural } from '~/lib/format'

export function AddPeopleDialog({ team, onClose }: { team: Team; onClose: () => void }) {
  const [q, search] = useState<string>()
  const [chosen, choose] = useState<string[]>([])
  const people = useQuery(activePeopleQuery(q))
  const add = useAddMembers()
  const confirm = () =>
    add.mutate(
      { team: team.id, employee_ids: chosen },
      {
        onSuccess: () => {
          const who = plural(chosen.length, 'person is', 'people are')
          notifications.show({ message: `${who} in ${team.name} now.` })
          onClose()
        },
      },
    )
  return (
    <Modal opened onClose={onClose} title={`Add people to ${team.name}`}>
      <Stack>
        <Text size="sm">Whoever is in another team moves.</Text>
        <SearchField label="Search people" initial={q} onSearch={search} />
        <Loaded query={people} skeleton={<Skeleton h={200} />}>
          {(page) => (
            <Checkbox.Group label="People" value={chosen} onChange={choose}>
              <Stack gap="xs" mt={6} mah={280} style={{ overflowY: 'auto' }} p={2}>
                {page.items.map((person) => (
                  <Checkbox
                    key={person.id}
                    value={person.id}
                    disabled={person.team_id === team.id}
                    label={person.name || person.email}
                    description={where(person)}
                  />
                ))}
                {page.items.length === 0 && (
                  <Text size="sm" c="dimmed">
                    Nobody matches.
                  </Text>
                )}
                {page.next_cursor && (
                  <Text size="sm" c="dimmed">
                    There are more: search for a name.
                  </Text>
                )}
              </Stack>
            </Checkbox.Group>
          )}
        </Loaded>
        <FormProblem error={add.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={chosen.length === 0} loading={add.isPending} onClick={confirm}>
            {chosen.length > 0 ? `Add ${plural(chosen.length, 'person', 'people')}` : 'Add'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function where({ team, email }: Employee): string {
  return team ? `${email}, now in ${team}` : email
}
