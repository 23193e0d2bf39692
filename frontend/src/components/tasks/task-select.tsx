// One of the tasks that one may see, found by typing a part of its words.
import { Select, type SelectProps } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { taskChoicesQuery, taskQuery } from './queries'

type TaskSelectProps = Omit<SelectProps, 'data' | 'value' | 'onChange'> & {
  value: string | null
  /** What stands for no task, under the value `none`. */
  nothing: string
  onChange: (value: string | null) => void
}

export function TaskSelect({ value, nothing, onChange, ...props }: TaskSelectProps) {
  const [typed, type] = useState('')
  const [asked] = useDebouncedValue(typed.trim().slice(0, 120), 250)
  const tasks = useQuery(taskChoicesQuery(asked || undefined)).data?.items ?? []
  const options = tasks.map(({ id, title }) => ({ value: id, label: title }))
  const isListed = !value || value === 'none' || options.some((one) => one.value === value)
  const chosen = useQuery({ ...taskQuery(value ?? ''), enabled: !isListed })
  const label = chosen.data?.title ?? 'Another task'
  return (
    <Select
      {...props}
      data={[
        { value: 'none', label: nothing },
        ...(isListed ? [] : [{ value: value ?? '', label }]),
        ...options,
      ]}
      value={value}
      onChange={onChange}
      // A chosen title stands in the box and is no question.
      onSearchChange={(text) =>
        type([label, nothing, ...options.map((one) => one.label)].includes(text) ? '' : text)
      }
      filter={({ options }) => options}
      searchable
      clearable
      nothingFoundMessage="No task matches"
      clearButtonProps={{ 'aria-label': 'Any task' }}
      comboboxProps={{ transitionProps: { duration: 0 } }}
    />
  )
}
