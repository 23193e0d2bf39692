// The days between which something is looked for, both included.
import { Text, TextInput } from '@mantine/core'

type Days = { from?: string | undefined; to?: string | undefined }

type DayRangeProps = Days & {
  /** The last day there can be one of. */
  latest?: string
  onChange: (change: Days) => void
}

export function DayRange({ from, to, latest, onChange }: DayRangeProps) {
  const edge = (name: 'from' | 'to', word: 'From' | 'To', bounds: object) => (
    <TextInput
      type="date"
      aria-label={`${word} day`}
      leftSection={<Text size="sm">{word}</Text>}
      leftSectionWidth={52}
      value={(name === 'from' ? from : to) ?? ''}
      {...bounds}
      onChange={({ currentTarget: { value } }) => onChange({ [name]: value || undefined })}
    />
  )
  return (
    <>
      {edge('from', 'From', { max: to ?? latest })}
      {edge('to', 'To', { min: from, max: latest })}
    </>
  )
}
