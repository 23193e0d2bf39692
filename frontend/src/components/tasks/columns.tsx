// Columns of lists of tasks.
import { Anchor, Group } from '@mantine/core'
import type { Task } from '~/api/types'
import { type Column, TwoLines } from '~/components/data-table'
import { Pill } from '~/components/pill'
import { duration } from '~/lib/format'
import { formatDate, formatDay } from '~/lib/time'
import { priorityTone, priorityWord, statusWord } from './words'

type ColumnsOf = {
  zone: string
  onOpen: (id: string) => void
  /** Not where all are one person's. */
  withPeople: boolean
  /** What the time is called: of an employee it is the own. */
  spent: string
}

export function taskColumns({ zone, onOpen, withPeople, spent }: ColumnsOf): Column<Task>[] {
  const columns: (Column<Task> | false)[] = [
    {
      key: 'title',
      header: 'Task',
      sort: 'title',
      names: true,
      cell: ({ id, title, team_name }) => (
        <TwoLines
          first={
            <Anchor
              component="button"
              size="sm"
              fw={600}
              c="var(--mantine-color-text)"
              ta="start"
              onClick={() => onOpen(id)}
            >
              {title}
            </Anchor>
          }
          second={team_name}
        />
      ),
    },
    {
      key: 'status',
      header: 'Status',
      sort: 'status',
      cell: ({ status }) => statusWord(status),
    },
    {
      key: 'priority',
      header: 'Priority',
      sort: 'priority',
      first: 'desc',
      cell: ({ priority }) => <Pill tone={priorityTone(priority)}>{priorityWord(priority)}</Pill>,
    },
    withPeople && {
      key: 'assignee',
      header: 'Assignee',
      cell: ({ assignee_name }) => assignee_name ?? '–',
    },
    { key: 'due', header: 'Due', sort: 'due_on', cell: (task) => <Due task={task} /> },
    {
      key: 'estimate',
      header: 'Estimate',
      sort: 'estimate_seconds',
      first: 'desc',
      align: 'end',
      cell: ({ estimate_seconds }) =>
        typeof estimate_seconds === 'number' ? duration(estimate_seconds) : '–',
    },
    {
      key: 'spent',
      header: spent,
      align: 'end',
      cell: ({ tracked_seconds }) => duration(tracked_seconds ?? 0),
    },
    {
      key: 'updated',
      header: 'Changed',
      sort: 'updated_at',
      first: 'desc',
      cell: ({ updated_at }) => formatDate(updated_at, zone),
    },
  ]
  return columns.filter((column) => column !== false)
}

export function Due({ task: { due_on, overdue } }: { task: Task }) {
  if (!due_on) return '–'
  return (
    <Group gap={6} wrap="nowrap" component="span" display="inline-flex">
      {formatDay(due_on)}
      {overdue && <Pill tone="bad">Overdue</Pill>}
    </Group>
  )
}
