// Narrows a list down to one team.
import { NativeSelect, type NativeSelectProps } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { teamChoicesQuery } from './queries'

type TeamFilterProps = Omit<NativeSelectProps, 'value' | 'data' | 'onChange'> & {
  value: string | undefined
  onChange: (team: string | undefined) => void
  /** Offers `none`, which is who is in no team. */
  none?: boolean
}

export function TeamFilter({ value, onChange, none = false, ...props }: TeamFilterProps) {
  const teams = useQuery(teamChoicesQuery).data?.items ?? []
  return (
    <NativeSelect
      {...(props.label === undefined && { 'aria-label': 'Team' })}
      value={value ?? ''}
      data={[
        { value: '', label: 'Any team' },
        ...(none ? [{ value: 'none', label: 'In no team' }] : []),
        ...teams.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
      {...props}
    />
  )
}
