// One of the company's people, found by typing a part of the name.
import { Select, type SelectProps } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { employeeNameQuery } from './person-name'
import { activePeopleQuery } from './queries'

type PersonSelectProps = Omit<SelectProps, 'data' | 'value' | 'onChange'> & {
  value: string | null
  /** What stands for nobody in particular, under the value `none`. */
  nobody?: string
  /** The name of the chosen one, where it is known. */
  known?: string | null | undefined
  onChange: (value: string | null) => void
}

export function PersonSelect({ value, nobody, known, onChange, ...props }: PersonSelectProps) {
  const [typed, type] = useState('')
  const [asked] = useDebouncedValue(typed.trim(), 250)
  const people = useQuery(activePeopleQuery(asked || undefined)).data?.items ?? []
  const options = people.map((person) => ({ value: person.id, label: person.name || person.email }))
  const isListed = !value || value === 'none' || options.some((one) => one.value === value)
  const chosen = useQuery({ ...employeeNameQuery(value ?? ''), enabled: !isListed && !known })
  const label = known ?? chosen.data?.name ?? 'Somebody else'
  return (
    <Select
      {...props}
      data={[
        ...(nobody ? [{ value: 'none', label: nobody }] : []),
        ...(isListed ? [] : [{ value: value ?? '', label }]),
        ...options,
      ]}
      value={value}
      onChange={onChange}
      // A chosen name stands in the box and is no question.
      onSearchChange={(text) =>
        type([label, nobody, ...options.map((one) => one.label)].includes(text) ? '' : text)
      }
      filter={({ options }) => options}
      searchable
      clearable
      nothingFoundMessage="Nobody matches"
      clearButtonProps={{ 'aria-label': 'Clear' }}
      comboboxProps={{ transitionProps: { duration: 0 } }}
    />
  )
}
