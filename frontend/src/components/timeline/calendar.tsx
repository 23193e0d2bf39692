// The day picker. Its own chunk, as the date library comes with it: most people step, few pick.
import '@mantine/dates/styles.css'
import { Popover } from '@mantine/core'
import { DatePicker } from '@mantine/dates'
import { useOpenOnArrival } from '../late-menu'
import { DayButton } from './day-button'
import type { DayStepperProps } from './day-stepper'

export default function DayPicker({ day, today, onDay }: DayStepperProps) {
  const { target, menu } = useOpenOnArrival()
  const pick = (picked: string | null) => {
    if (!picked) return
    menu.onChange(false)
    onDay(picked)
  }
  return (
    <Popover
      {...menu}
      trapFocus
      returnFocus
      position="bottom-start"
      shadow="md"
      radius="md"
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <DayButton day={day} ref={target} onClick={() => menu.onChange(!menu.opened)} />
      </Popover.Target>
      <Popover.Dropdown aria-label="Choose a day">
        <DatePicker
          value={day}
          defaultDate={day}
          maxDate={today}
          // The library's colours for weekends and for days of other months are too faint to read.
          weekendDays={[]}
          hideOutsideDates
          onChange={pick}
          ariaLabels={{
            previousMonth: 'Previous month',
            nextMonth: 'Next month',
            monthLevelControl: 'Choose a month',
            yearLevelControl: 'Choose a year',
          }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}
