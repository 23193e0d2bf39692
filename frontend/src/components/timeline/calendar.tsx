// The calendar of the day picker. Its own chunk: the date library comes with it.
import '@mantine/dates/styles.css'
import { DatePicker } from '@mantine/dates'

type CalendarProps = { day: string; today: string; onDay: (day: string) => void }

export default function Calendar({ day, today, onDay }: CalendarProps) {
  return (
    <DatePicker
      value={day}
      defaultDate={day}
      maxDate={today}
      // The library's colours for weekends and for days of other months are too faint to read.
      weekendDays={[]}
      hideOutsideDates
      onChange={(picked) => picked && onDay(picked)}
      ariaLabels={{
        previousMonth: 'Previous month',
        nextMonth: 'Next month',
        monthLevelControl: 'Choose a month',
        yearLevelControl: 'Choose a year',
      }}
    />
  )
}
