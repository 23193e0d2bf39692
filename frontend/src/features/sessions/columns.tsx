// Columns of the table of sessions.
import { Anchor } from '@mantine/core'
import type { WorkSession } from '~/api/types'
import { type Column, TwoLines } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { Pill } from '~/components/pill'
import { TaskLink } from '~/components/tasks/task-link'
import { endWords } from '~/components/timeline/ends'
import { duration, percent } from '~/lib/format'
import { dayIn, formatDateTime, formatDay, formatTime } from '~/lib/time'

type ColumnsOf = {
  zone: string
  dayZone: string
  /** An employee's are all the own. */
  withPeople: boolean
  onOpen: (id: string) => void
}

/** Below this share of its length a session says how much of it was observed. */
const WHOLE = 0.95

export function sessionColumns(of: ColumnsOf): Column<WorkSession>[] {
  const { zone, dayZone, withPeople, onOpen } = of
  const columns: (Column<WorkSession> | false)[] = [
    !withPeople && {
      key: 'device',
      header: 'Device',
      names: true,
      cell: ({ device_name }) => device_name,
    },
    withPeople && {
      key: 'who',
      header: 'Employee',
      names: true,
      cell: (session) => (
        <TwoLines
          first={
            <AnchorLink
              to="/employees/$employeeId"
              params={{ employeeId: session.user_id }}
              search={{ day: dayIn(dayZone, session.started_at) }}
              fz="sm"
              fw={600}
              c="var(--mantine-color-text)"
            >
              {session.user_name}
            </AnchorLink>
          }
          second={session.device_name}
        />
      ),
    },
    {
      key: 'from',
      header: 'Began',
      cell: ({ started_at }) => <Moment at={started_at} zone={zone} />,
    },
    {
      key: 'to',
      header: 'Ended',
      cell: ({ started_at, ended_at }) => {
        if (!ended_at) return '–'
        const sameDay = dayIn(zone, started_at) === dayIn(zone, ended_at)
        return <Moment at={ended_at} zone={zone} withDay={!sameDay} />
      },
    },
    {
      key: 'length',
      header: 'Length',
      align: 'end',
      cell: ({ started_at, ended_at }) =>
        ended_at ? duration(lengthOf(started_at, ended_at)) : '–',
    },
    {
      key: 'observed',
      header: 'Observed',
      align: 'end',
      cell: ({ tracked_seconds }) => duration(tracked_seconds),
    },
    {
      key: 'active',
      header: 'Active',
      align: 'end',
      cell: (session) => (
        <TwoLines
          first={percent(session.active_seconds, session.tracked_seconds) ?? '–'}
          second={coverage(session)}
        />
      ),
    },
    {
      key: 'task',
      header: 'Task',
      cell: ({ task }) => (task ? <TaskLink task={task} fz="sm" /> : '–'),
    },
    {
      key: 'why',
      header: 'Why it ended',
      capital: true,
      cell: ({ end_reason }) => (end_reason ? endWords(end_reason) : 'still running'),
    },
    {
      key: 'counts',
      header: 'Counts',
      cell: (session) => <Counts session={session} />,
    },
    {
      key: 'open',
      header: 'Actions',
      bare: true,
      align: 'end',
      cell: (session) => (
        <Anchor
          component="button"
          size="sm"
          onClick={() => onOpen(session.id)}
          aria-label={`Details of ${session.user_name}, ${formatDateTime(session.started_at, zone)}`}
        >
          Details
        </Anchor>
      ),
    },
  ]
  return columns.filter((column) => column !== false)
}

function Counts({ session: { deleted_at, excluded_at, counted_from, counted_to } }: CountsProps) {
  if (deleted_at) return <Pill tone="bad">Deleted</Pill>
  if (excluded_at) return <Pill tone="off">Excluded</Pill>
  if (counted_from || counted_to) return <Pill tone="warn">In part</Pill>
  return <Pill tone="good">Counts</Pill>
}
type CountsProps = { session: WorkSession }

/** How much of its length was observed, where that is not about all: what the share of active time is a share of. */
function coverage({ started_at, ended_at, tracked_seconds }: WorkSession) {
  if (!ended_at || tracked_seconds === 0) return undefined
  const length = lengthOf(started_at, ended_at)
  if (tracked_seconds >= length * WHOLE) return undefined
  return `${percent(tracked_seconds, length)} of ${duration(length)} observed`
}

export const lengthOf = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000

/** The day is said where it is another one. */
export const endOf = (from: string, to: string, zone: string) =>
  dayIn(zone, from) === dayIn(zone, to) ? formatTime(to, zone) : formatDateTime(to, zone)

/** In a narrow column the clock goes below the day, and neither is torn apart. Of this year the year is left out. */
function Moment({ at, zone, withDay = true }: { at: string; zone: string; withDay?: boolean }) {
  const whole = { whiteSpace: 'nowrap' } as const
  const day = dayIn(zone, at)
  const style = day.slice(0, 4) === dayIn(zone).slice(0, 4) ? 'chart' : 'short'
  return (
    <>
      {withDay && (
        <>
          <span style={whole}>{formatDay(day, style)},</span>{' '}
        </>
      )}
      <span style={whole}>{formatTime(at, zone)}</span>
    </>
  )
}
