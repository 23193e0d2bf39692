// Columns of the table of sessions.
import { Anchor } from '@mantine/core'
import type { WorkSession } from '~/api/types'
import { type Column, TwoLines } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { Pill } from '~/components/pill'
import { endWords } from '~/components/timeline/ends'
import { duration, percent } from '~/lib/format'
import { dayIn, formatDateTime, formatTime } from '~/lib/time'

type ColumnsOf = { zone: string; onOpen: (id: string) => void }

export function sessionColumns({ zone, onOpen }: ColumnsOf): Column<WorkSession>[] {
  return [
    {
      key: 'who',
      header: 'Employee',
      names: true,
      cell: (session) => (
        <TwoLines
          first={
            <AnchorLink
              to="/employees/$employeeId"
              params={{ employeeId: session.user_id }}
              search={{ day: dayIn(zone, session.started_at) }}
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
      cell: ({ started_at }) => formatDateTime(started_at, zone),
    },
    {
      key: 'to',
      header: 'Ended',
      cell: ({ started_at, ended_at }) => (ended_at ? endOf(started_at, ended_at, zone) : '–'),
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
      cell: (session) => percent(session.active_seconds, session.tracked_seconds) ?? '–',
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
      cell: ({ excluded_at }) =>
        excluded_at ? <Pill tone="off">Excluded</Pill> : <Pill tone="good">Counts</Pill>,
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
}

export const lengthOf = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000

/** The day is said where it is another one. */
export const endOf = (from: string, to: string, zone: string) =>
  dayIn(zone, from) === dayIn(zone, to) ? formatTime(to, zone) : formatDateTime(to, zone)
