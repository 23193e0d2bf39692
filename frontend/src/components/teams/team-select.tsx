// One of the company's teams, or none.
import { NativeSelect, type NativeSelectProps } from '@mantine/core'
import type { Team } from '~/api/types'

type TeamSelectProps = NativeSelectProps & {
  teams: Team[]
  /** Says `name` of a team, where that is what is sent. */
  by?: 'id' | 'name'
}

export function TeamSelect({ teams, by = 'id', ...props }: TeamSelectProps) {
  return (
    <NativeSelect
      label="Team (optional)"
      data={[
        { value: '', label: 'No team' },
        ...teams.map((team) => ({ value: team[by], label: team.name })),
      ]}
      {...props}
    />
  )
}
