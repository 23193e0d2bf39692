// Tasks by status. A card is moved by its menu, by Alt and an arrow key, or dragged; the menu can do all that the others can.
import { ActionIcon, Anchor, Group, Menu, Skeleton, Text, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useInfiniteQuery } from '@tanstack/react-query'
import { EllipsisVertical } from 'lucide-react'
import { type DragEvent, type KeyboardEvent, useState } from 'react'
import { asAppError } from '~/api/errors'
import { useMe } from '~/api/me'
import type { Task } from '~/api/types'
import { Earlier } from '~/components/earlier'
import { Loaded } from '~/components/loaded'
import { Pill } from '~/components/pill'
import { columnQuery, type TasksFilter, useMoveTask } from '~/components/tasks/queries'
import {
  priorityTone,
  priorityWord,
  STATUSES,
  type Status,
  statusWord,
} from '~/components/tasks/words'
import { whyReadOnly } from '~/lib/can'
import { duration } from '~/lib/format'
import { formatDay } from '~/lib/time'
import c from './board.module.css'

/** Nothing else that is dragged over the board is a card of it. */
const KIND = 'application/x-task'

type BoardProps = {
  filter: TasksFilter
  withPeople: boolean
  onOpen: (id: string) => void
}

export default function Board({ filter, withPeople, onOpen }: BoardProps) {
  const move = useMoveTask()
  const readOnly = whyReadOnly(useMe())
  const [dragged, drag] = useState<Task>()
  const [said, say] = useState('')
  const moveTo = (task: Task, status: Status) => {
    if (task.status === status || readOnly) return
    move.mutate(
      { task, status },
      {
        onSuccess: () => say(`${task.title} is in ${statusWord(status)} now.`),
        onError: (thrown) => {
          const { code, title, detail } = asAppError(thrown)
          const changed = 'Somebody has changed it in between. The board shows it as it is now.'
          const message = code === 'precondition_failed' ? changed : (detail ?? title)
          notifications.show({ color: 'red', title: `${task.title} was not moved`, message })
        },
      },
    )
  }
  return (
    <>
      <Text size="xs" c="dimmed" px="md">
        Move a card by its menu, by Alt and the arrow keys, or by dragging it.
      </Text>
      <div className={c.board}>
        {STATUSES.map((status) => (
          <Column
            key={status}
            status={status}
            filter={filter}
            withPeople={withPeople}
            isTarget={dragged !== undefined && dragged.status !== status}
            movable={!readOnly}
            onOpen={onOpen}
            onMove={moveTo}
            onDrag={drag}
            onDrop={() => dragged && moveTo(dragged, status)}
          />
        ))}
      </div>
      <output className="visually-hidden" aria-live="polite">
        {said}
      </output>
    </>
  )
}

type ColumnProps = {
  status: Status
  filter: TasksFilter
  withPeople: boolean
  isTarget: boolean
  movable: boolean
  onOpen: (id: string) => void
  onMove: (task: Task, status: Status) => void
  onDrag: (task: Task | undefined) => void
  onDrop: () => void
}

function Column({ status, filter, isTarget, onDrop, ...card }: ColumnProps) {
  const tasks = useInfiniteQuery(columnQuery(filter, status))
  const drop = (event: DragEvent) => {
    event.preventDefault()
    onDrop()
  }
  const heading = `column-${status}`
  return (
    <section
      className={c.column}
      aria-labelledby={heading}
      data-target={isTarget || undefined}
      onDragOver={(event) => event.dataTransfer.types.includes(KIND) && event.preventDefault()}
      onDrop={drop}
    >
      <Title order={2} size="h6" id={heading} className={c.heading}>
        {statusWord(status)}
      </Title>
      <Loaded query={tasks} skeleton={<Skeleton h={160} />}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.items)
          if (all.length === 0)
            return (
              <Text size="sm" c="dimmed" px={4}>
                No task
              </Text>
            )
          return (
            <ul className={c.cards}>
              {all.map((task) => (
                <Card key={task.id} task={task} {...card} />
              ))}
            </ul>
          )
        }}
      </Loaded>
      <Earlier query={tasks} label={`More in ${statusWord(status)}`} />
    </section>
  )
}

type CardProps = Pick<ColumnProps, 'withPeople' | 'movable' | 'onOpen' | 'onMove' | 'onDrag'> & {
  task: Task
}

function Card({ task, withPeople, movable, onOpen, onMove, onDrag }: CardProps) {
  const place = STATUSES.indexOf(task.status as Status)
  const others = STATUSES.filter((status) => status !== task.status)
  const onKey = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const status = STATUSES[place + by]
    if (!event.altKey || by === 0) return
    // Else the browser would go back or forward.
    event.preventDefault()
    if (status && movable) onMove(task, status)
  }
  const estimate = task.estimate_seconds ?? 0
  const tracked = task.tracked_seconds ?? 0
  const spent = estimate ? `${duration(tracked)} of ${duration(estimate)}` : duration(tracked)
  return (
    <li
      className={c.card}
      draggable={movable}
      onDragStart={(event) => {
        event.dataTransfer.setData(KIND, task.id)
        event.dataTransfer.effectAllowed = 'move'
        onDrag(task)
      }}
      onDragEnd={() => onDrag(undefined)}
    >
      <Group gap={4} wrap="nowrap" align="flex-start" justify="space-between">
        <Anchor
          component="button"
          size="sm"
          fw={600}
          c="var(--mantine-color-text)"
          className={c.title}
          onClick={() => onOpen(task.id)}
          onKeyDown={onKey}
          aria-keyshortcuts="Alt+ArrowLeft Alt+ArrowRight"
        >
          {task.title}
        </Anchor>
        {movable && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={`Move ${task.title}`}>
                <EllipsisVertical size={16} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label c="dimmed">Move to</Menu.Label>
              {others.map((status) => (
                <Menu.Item key={status} onClick={() => onMove(task, status)}>
                  {statusWord(status)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      <Group gap={6} className={c.pills}>
        {task.priority !== 'normal' && (
          <Pill tone={priorityTone(task.priority)}>{priorityWord(task.priority)}</Pill>
        )}
        {task.overdue && <Pill tone="bad">Overdue</Pill>}
      </Group>
      <Text size="xs" c="dimmed" className="numbers">
        {[
          withPeople && (task.assignee_name ?? 'Nobody'),
          task.due_on && `due ${formatDay(task.due_on)}`,
          tracked + estimate > 0 && spent,
        ]
          .filter(Boolean)
          .join(' · ')}
      </Text>
    </li>
  )
}
