// Puts somebody into another team, or into none.
import { Button, Group, Modal, Stack } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Employee } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { teamChoicesQuery, useAddMembers, useRemoveMember } from '~/components/teams/queries'
import { TeamSelect } from '~/components/teams/team-select'

export function ChangeTeamDialog({ person, onClose }: { person: Employee; onClose: () => void }) {
  const teams = useQuery(teamChoicesQuery)
  const [team, choose] = useState(person.team_id ?? '')
  const [add, remove] = [useAddMembers(), useRemoveMember()]
  const name = person.name || person.email
  const onSuccess = () => {
    notifications.show({ message: `${name} is in ${team ? 'another' : 'no'} team now.` })
    onClose()
  }
  const save = () => {
    if (team === (person.team_id ?? '')) onClose()
    else if (team) add.mutate({ team, employee_ids: [person.id] }, { onSuccess })
    else remove.mutate({ team_id: person.team_id ?? '', employee_id: person.id }, { onSuccess })
  }
  return (
    <Modal opened onClose={onClose} title={`Team of ${name}`}>
      <Stack>
        <TeamSelect
          label="Team"
          teams={teams.data?.items ?? []}
          value={team}
          onChange={(event) => choose(event.currentTarget.value)}
          data-autofocus
        />
        <FormProblem error={teams.error ?? add.error ?? remove.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button loading={add.isPending || remove.isPending} onClick={save}>
            Save
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
