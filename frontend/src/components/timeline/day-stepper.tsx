// One day back, one day on, or any day from a calendar; `[` and `]` do the same.
import { ActionIcon, Button, Group } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { addDays } from '~/lib/time'
import { lateMenu } from '../late-menu'
import { DayButton } from './day-button'

export type DayStepperProps = { day: string; today: string; onDay: (day: string) => void }

const DayPicker = lateMenu<DayStepperProps>(
  ({ today: _, onDay: __, ...props }) => <DayButton {...props} />,
  () => import('./calendar'),
  'dialog',
)

export function DayStepper({ day, today, onDay }: DayStepperProps) {
  const back = () => onDay(addDays(day, -1))
  const forward = () => day < today && onDay(addDays(day, 1))
  useHotkeys([
    ['[', back],
    [']', forward],
  ])
  return (
    <Group gap={6}>
      <ActionIcon
        variant="default"
        size={36}
        onClick={back}
        aria-label="Previous day"
        aria-keyshortcuts="["
      >
        <ChevronLeft size={18} aria-hidden />
      </ActionIcon>
      <DayPicker day={day} today={today} onDay={onDay} />
      <ActionIcon
        variant="default"
        size={36}
        onClick={forward}
        disabled={day >= today}
        aria-label="Next day"
        aria-keyshortcuts="]"
      >
        <ChevronRight size={18} aria-hidden />
      </ActionIcon>
      {day !== today && (
        <Button variant="subtle" px="xs" onClick={() => onDay(today)}>
          Today
        </Button>
      )}
    </Group>
  )
}
