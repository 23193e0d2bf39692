// What somebody may see of others: after the admin's own password. An admin may be limited to teams.
import { Checkbox, Modal, Radio, Stack } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { asAppError, fieldErrors } from '~/api/errors'
import type { Employee, Input } from '~/api/types'
import { StepUpForm } from '~/components/step-up-form'
import { teamChoicesQuery } from '~/components/teams/queries'
import c from './change-role-dialog.module.css'
import { useChangeRole } from './queries'

type NewRole = Input<'/api/employees/{employee_id}/change-role'>['role']
type ChangeRoleDialogProps = { person: Employee; onClose: () => void }

const ROLES = [
  {
    value: 'EMPLOYEE',
    label: 'Employee',
    description: 'Sees only what is recorded about them.',
    done: 'an employee',
  },
  {
    value: 'TEAM_ADMIN',
    label: 'Team admin',
    description:
      'Sees everything that is recorded of the people in the teams you choose, and exports it. No settings, no audit log, nobody else.',
    done: 'an admin of teams',
  },
  {
    value: 'ADMIN',
    label: 'Admin',
    description:
      'Sees everything that is recorded in the company, and may invite, deactivate and promote others.',
    done: 'an admin',
  },
] as const satisfies readonly { value: NewRole; [text: string]: string }[]

export function ChangeRoleDialog({ person, onClose }: ChangeRoleDialogProps) {
  const change = useChangeRole(person.id)
  const name = person.name || person.email
  const present = ROLES.find(({ value }) => value === person.role) ?? ROLES[0]
  const [role, choose] = useState(present)
  const [teams, setTeams] = useState<string[]>(person.administers)
  const [missing, setMissing] = useState<string>()
  const known = useQuery(teamChoicesQuery).data?.items ?? []
  const isLimited = role.value === 'TEAM_ADMIN'
  const isSame =
    role.value === present.value &&
    (!isLimited || [...teams].sort().join() === [...person.administers].sort().join())
  const onSuccess = () => {
    notifications.show({ message: `${name} is ${role.done} now.` })
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title={`Change the role of ${name}?`} size="lg">
      <Stack>
        <Radio.Group
          label="Role"
          value={role.value}
          onChange={(value) => choose(ROLES.find((one) => one.value === value) ?? present)}
        >
          <Stack gap="xs" mt="xs">
            {ROLES.map(({ value, label, description }) => (
              <Radio key={value} value={value} label={label} description={description} />
            ))}
          </Stack>
        </Radio.Group>
        {isLimited && (
          <Checkbox.Group
            label="Teams"
            description="Whoever joins one of them later is seen too, and whoever leaves is seen no more."
            value={teams}
            onChange={(chosen) => {
              setTeams(chosen)
              setMissing(undefined)
            }}
            error={missing}
          >
            <Stack gap="xs" mt="xs" className={c.teams}>
              {known.map((team) => (
                <Checkbox key={team.id} value={team.id} label={team.name} />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
        <StepUpForm
          action={change}
          onSubmit={(stepUp, { onError }) => {
            if (isLimited && teams.length === 0) return setMissing('Choose at least one team.')
            const team_ids = isLimited ? teams : []
            change.mutate(
              { role: role.value, team_ids, ...stepUp },
              {
                onSuccess,
                onError: (thrown) => {
                  setMissing(fieldErrors(asAppError(thrown)).team_ids)
                  onError(thrown)
                },
              },
            )
          }}
          password={{
            description:
              'Asked again because a role opens the data of others. It is written to the audit log.',
          }}
          label="Change role"
          off={isSame}
          onCancel={onClose}
        >
          {role.value === present.value
            ? 'Which teams a team admin sees changes at once.'
            : `${name} is signed out of the portal everywhere and signs in anew. Agents go on.`}
        </StepUpForm>
      </Stack>
    </Modal>
  )
}
