// One day back, one day on, or any day from a calendar; `[` and `]` do the same.
import { ActionIcon, Button, Group } from '@mantine/core'
import '@mantine/dates/styles.css'
import { DatePickerInput } from '@mantine/dates'
import { useHotkeys } from '@mantine/hooks'
import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-react'
import { addDays, formatDay } from '~/lib/time'

type DayStepperProps = { day: string; today: string; onDay: (day: string) => void }

export function DayStepper({ day, today, onDay }: DayStepperProps) {
  const back = () => onDay(addDays(day, -1))
  const forward = () => day < today && onDay(addDays(day, 1))
  useHotkeys([
    ['[', back],
    [']', forward],
  ])
  return (
    <Group gap={6} wrap="nowrap">
      <ActionIcon
        variant="default"
        size={36}
        onClick={back}
        aria-label="Previous day"
        aria-keyshortcuts="["
      >
        <ChevronLeft size={18} aria-hidden />
      </ActionIcon>
      <DatePickerInput
        aria-label={`Day, ${formatDay(day, 'long')}`}
        value={day}
        onChange={(value) => value && onDay(value)}
        maxDate={today}
        valueFormatter={() => formatDay(day, 'weekday')}
        leftSection={<CalendarDays size={16} aria-hidden />}
        popoverProps={{ transitionProps: { duration: 0 } }}
        miw={170}
      />
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
