// Which days: a usual stretch, any other, or the one before and after; `[` and `]` do the same.
import { ActionIcon, Group, NativeSelect, Text, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { type Period, periods, step } from './periods'

type PeriodControlsProps = { period: Period; today: string; onPeriod: (period: Period) => void }

export function PeriodControls({ period, today, onPeriod }: PeriodControlsProps) {
  const known = periods(today)
  const named = Object.entries(known).find(
    ([, { from, to }]) => from === period.from && to === period.to,
  )?.[0]
  const next = step(period, 1)
  const back = () => onPeriod(step(period, -1))
  const forward = () => next.from <= today && onPeriod(next)
  useHotkeys([
    ['[', back],
    [']', forward],
  ])
  return (
    <Group gap="xs" component="search" aria-label="Days">
      <ActionIcon
        variant="default"
        size={36}
        onClick={back}
        aria-label="The days before"
        aria-keyshortcuts="["
      >
        <ChevronLeft size={18} aria-hidden />
      </ActionIcon>
      <NativeSelect
        aria-label="Days"
        value={named ?? ''}
        data={[...(named ? [] : [{ value: '', label: 'Other days' }]), ...Object.keys(known)]}
        onChange={({ currentTarget: { value } }) => {
          const chosen = known[value]
          if (chosen) onPeriod(chosen)
        }}
      />
      <ActionIcon
        variant="default"
        size={36}
        onClick={forward}
        disabled={next.from > today}
        aria-label="The days after"
        aria-keyshortcuts="]"
      >
        <ChevronRight size={18} aria-hidden />
      </ActionIcon>
      <TextInput
        type="date"
        aria-label="From day"
        leftSection={<Text size="sm">From</Text>}
        leftSectionWidth={52}
        value={period.from}
        max={period.to}
        onChange={({ currentTarget: { value } }) => value && onPeriod({ ...period, from: value })}
      />
      <TextInput
        type="date"
        aria-label="To day"
        leftSection={<Text size="sm">To</Text>}
        leftSectionWidth={52}
        value={period.to}
        min={period.from}
        max={today}
        onChange={({ currentTarget: { value } }) => value && onPeriod({ ...period, to: value })}
      />
    </Group>
  )
}
