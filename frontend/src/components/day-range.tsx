// The days between which entries are looked for, both included.
import { Text, TextInput } from '@mantine/core'

type Days = { from?: string; to?: string }

export function DayRange({ from, to, onChange }: Days & { onChange: (change: Days) => void }) {
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
      {edge('from', 'From', { max: to })}
      {edge('to', 'To', { min: from })}
    </>
  )
}
