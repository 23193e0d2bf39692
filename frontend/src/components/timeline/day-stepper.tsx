// One day back, one day on, or any day from a calendar; `[` and `]` do the same.
import { ActionIcon, Button, Group, Popover, Skeleton } from '@mantine/core'
import { useDisclosure, useHotkeys } from '@mantine/hooks'
import { CalendarDays, ChevronLeft, ChevronRight } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { addDays, formatDay } from '~/lib/time'

const Calendar = lazy(() => import('./calendar'))

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

/** The calendar arrives when it is opened first: most people step, few pick. */
function DayPicker({ day, today, onDay }: DayStepperProps) {
  const [open, popover] = useDisclosure()
  const pick = (picked: string) => {
    popover.close()
    onDay(picked)
  }
  return (
    <Popover
      opened={open}
      onChange={popover.set}
      trapFocus
      returnFocus
      position="bottom-start"
      shadow="md"
      radius="md"
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <Button
          variant="default"
          fw={500}
          px="sm"
          leftSection={<CalendarDays size={16} aria-hidden />}
          onClick={popover.toggle}
          aria-label={`${formatDay(day, 'long')}, choose another day`}
        >
          {formatDay(day, 'weekday')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Choose a day">
        <Suspense fallback={<Skeleton w={252} h={290} />}>
          {open && <Calendar day={day} today={today} onDay={pick} />}
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  )
}
