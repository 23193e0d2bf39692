// One person of the company, found by name.
import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { activePeopleQuery } from '~/components/teams/queries'
import { employeeQuery } from '../employees/queries'

type PersonSelectProps = {
  id: string | undefined
  onPerson: (id: string | undefined) => void
}

export function PersonSelect({ id, onPerson }: PersonSelectProps) {
  const [typed, type] = useState('')
  const chosen = useQuery({ ...employeeQuery(id ?? ''), enabled: id !== undefined }).data
  const name = chosen && (chosen.name || chosen.email)
  // What stands there of the one who is chosen is not searched for.
  const [q] = useDebouncedValue(typed === name ? '' : typed.trim(), 250)
  const people = useQuery(activePeopleQuery(q || undefined)).data?.items ?? []
  const choices = people.map((person) => ({ value: person.id, label: person.name || person.email }))
  const isListed = choices.some(({ value }) => value === id)
  return (
    <Select
      aria-label="Person"
      placeholder="Choose a person"
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'No person' }}
      value={id ?? null}
      data={chosen && name && !isListed ? [{ value: chosen.id, label: name }, ...choices] : choices}
      onSearchChange={type}
      onChange={(value) => onPerson(value ?? undefined)}
      nothingFoundMessage="Nobody matches"
      limit={50}
    />
  )
}
