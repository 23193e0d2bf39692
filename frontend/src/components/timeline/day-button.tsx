// The face of the day picker.
import { Button } from '@mantine/core'
import { CalendarDays } from 'lucide-react'
import { formatDay } from '~/lib/time'
import type { TargetProps } from '../late-menu'

export function DayButton({ day, color: _, ...props }: TargetProps & { day: string }) {
  return (
    <Button
      variant="default"
      fw={500}
      px="sm"
      leftSection={<CalendarDays size={16} aria-hidden />}
      {...props}
      aria-label={`${formatDay(day, 'long')}, choose another day`}
    >
      {formatDay(day, 'weekday')}
    </Button>
  )
}
