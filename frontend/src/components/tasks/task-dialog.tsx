// One task: what it says, how far it is, how long it took, what was said and what was changed.
import {
  Anchor,
  Button,
  Group,
  List,
  Modal,
  NativeSelect,
  Skeleton,
  Stack,
  Tabs,
  Text,
  Textarea,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { asAppError, fieldErrors } from '~/api/errors'
import { useMe, useZone } from '~/api/me'
import type { Task, TaskChange } from '~/api/types'
import { Earlier } from '~/components/earlier'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { Pill } from '~/components/pill'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { duration, percent } from '~/lib/format'
import { formatDateTime, formatDay } from '~/lib/time'
import {
  changesQuery,
  commentsQuery,
  taskQuery,
  timeQuery,
  useAddComment,
  useMoveTask,
} from './queries'
import c from './task-dialog.module.css'
import {
  fieldWord,
  priorityTone,
  priorityWord,
  STATUSES,
  type Status,
  statusWord,
  valueWords,
} from './words'

const Markdown = lazy(() => import('~/components/markdown'))
const TaskForm = lazy(() => import('./task-form'))

type TaskDialogProps = { id: string; onClose: () => void }

export default function TaskDialog({ id, onClose }: TaskDialogProps) {
  const task = useQuery(taskQuery(id))
  const [editing, edit] = useState(false)
  if (editing && task.data)
    return (
      <Suspense>
        <TaskForm task={task.data} onClose={() => edit(false)} onDone={() => edit(false)} />
      </Suspense>
    )
  return (
    <Modal opened onClose={onClose} title={task.data?.title ?? 'Task'} size="lg">
      <Loaded query={task} skeleton={<Skeleton h={320} />}>
        {(task) => <Details task={task} onEdit={() => edit(true)} />}
      </Loaded>
    </Modal>
  )
}

function Details({ task, onEdit }: { task: Task; onEdit: () => void }) {
  const me = useMe()
  const readOnly = whyReadOnly(me)
  return (
    <Stack>
      <Group justify="space-between" align="flex-end" gap="sm">
        <StatusSelect task={task} readOnly={readOnly} />
        {me.role === 'ADMIN' && (
          <WithReason reason={readOnly}>
            {(blocked) => (
              <Button variant="default" onClick={onEdit} {...blocked}>
                Edit
              </Button>
            )}
          </WithReason>
        )}
      </Group>
      <Facts task={task} />
      {task.description ? (
        <Written text={task.description} />
      ) : (
        <Text size="sm" c="dimmed">
          No description.
        </Text>
      )}
      <Tabs defaultValue="comments" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="comments">Comments</Tabs.Tab>
          <Tabs.Tab value="time">Time</Tabs.Tab>
          <Tabs.Tab value="changes">History</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="comments" pt="md">
          <Comments id={task.id} readOnly={readOnly} />
        </Tabs.Panel>
        <Tabs.Panel value="time" pt="md">
          <Time task={task} />
        </Tabs.Panel>
        <Tabs.Panel value="changes" pt="md">
          <Changes id={task.id} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}

function StatusSelect({ task, readOnly }: { task: Task; readOnly: string | undefined }) {
  const move = useMoveTask()
  const moveTo = (status: Status) =>
    move.mutate(
      { task, status },
      {
        onError: (thrown) => {
          const { code, title, detail } = asAppError(thrown)
          const changed = 'Somebody has changed it in between. It is shown as it is now.'
          const message = code === 'precondition_failed' ? changed : (detail ?? title)
          notifications.show({ color: 'red', title: 'The status was not changed', message })
        },
      },
    )
  return (
    <NativeSelect
      label="Status"
      data={STATUSES.map((value) => ({ value, label: statusWord(value) }))}
      value={move.isPending ? move.variables.status : task.status}
      disabled={Boolean(readOnly) || move.isPending}
      description={readOnly}
      onChange={(event) => {
        const status = STATUSES.find((one) => one === event.currentTarget.value)
        if (status) moveTo(status)
      }}
    />
  )
}

function Facts({ task }: { task: Task }) {
  const zone = useZone()
  return (
    <dl className={c.facts}>
      <dt>Assignee</dt>
      <dd>{task.assignee_name ?? 'Nobody'}</dd>
      <dt>Team</dt>
      <dd>{task.team_name ?? 'None'}</dd>
      <dt>Priority</dt>
      <dd>
        <Pill tone={priorityTone(task.priority)}>{priorityWord(task.priority)}</Pill>
      </dd>
      <dt>Due</dt>
      <dd>
        {task.due_on ? formatDay(task.due_on, 'weekday') : 'No day'}{' '}
        {task.overdue && <Pill tone="bad">Overdue</Pill>}
      </dd>
      <dt>Estimate</dt>
      <dd>
        {typeof task.estimate_seconds === 'number' ? duration(task.estimate_seconds) : 'None'}
      </dd>
      <dt>Created</dt>
      <dd>{formatDateTime(task.created_at, zone)}</dd>
    </dl>
  )
}

function Written({ text }: { text: string }) {
  return (
    <Suspense fallback={<Skeleton h={60} />}>
      <Markdown text={text} />
    </Suspense>
  )
}

function Time({ task: { id, estimate_seconds } }: { task: Task }) {
  const time = useQuery(timeQuery(id))
  const isAdmin = useMe().role === 'ADMIN'
  return (
    <Loaded query={time} skeleton={<Skeleton h={80} />}>
      {({ tracked_seconds, people }) => {
        if (tracked_seconds === 0)
          return (
            <Text size="sm" c="dimmed">
              No session was recorded for this task{isAdmin ? '' : ' by you'} yet. Agents say which
              task a session is for; nobody types the time.
            </Text>
          )
        const share = estimate_seconds && percent(tracked_seconds, estimate_seconds)
        return (
          <Stack gap="xs">
            <Text size="sm">
              {`${duration(tracked_seconds)} observed`}
              {share && `, ${share} of the estimate`}
              {'. Excluded sessions do not count.'}
            </Text>
            {isAdmin && (
              <List size="sm" spacing={4} className="numbers">
                {people.map((person) => (
                  <List.Item key={person.user_id}>
                    {`${person.name ?? 'Removed person'}: ${duration(person.tracked_seconds)}, last on ${formatDay(person.last_day)}`}
                  </List.Item>
                ))}
              </List>
            )}
            {isAdmin && (
              <Text size="xs" c="dimmed">
                Whoever worked on it can read that you looked.
              </Text>
            )}
          </Stack>
        )
      }}
    </Loaded>
  )
}

function Comments({ id, readOnly }: { id: string; readOnly: string | undefined }) {
  const zone = useZone()
  const comments = useInfiniteQuery(commentsQuery(id))
  return (
    <Stack>
      <AddComment id={id} readOnly={readOnly} />
      <Loaded query={comments} skeleton={<Skeleton h={80} />}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.items)
          if (all.length === 0)
            return (
              <Text size="sm" c="dimmed">
                Nothing was said yet.
              </Text>
            )
          return (
            <ul className={c.entries} aria-label="Comments">
              {all.map(({ id, author_name, at, text }) => (
                <li key={id}>
                  <Text size="xs" c="dimmed">
                    <Text span inherit fw={600} c="var(--mantine-color-text)">
                      {author_name}
                    </Text>{' '}
                    {formatDateTime(at, zone)}
                  </Text>
                  <Written text={text} />
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
      <Earlier query={comments} label="Earlier comments" />
    </Stack>
  )
}

function AddComment({ id, readOnly }: { id: string; readOnly: string | undefined }) {
  const add = useAddComment(id)
  const form = useForm({
    initialValues: { text: '' },
    validate: { text: (text) => (text.trim() ? null : 'Write something first.') },
  })
  const submit = form.onSubmit(({ text }) =>
    add.mutate(text.replaceAll('\t', '    ').trim(), {
      onSuccess: () => form.reset(),
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="xs">
        <FormProblem error={add.error} />
        <Textarea
          label="New comment"
          description="Markdown. It stays as it is: nobody changes or deletes it."
          autosize
          minRows={2}
          maxRows={10}
          maxLength={5000}
          {...form.getInputProps('text')}
        />
        <Group justify="flex-end">
          <WithReason reason={readOnly}>
            {(blocked) => (
              <Button type="submit" size="xs" loading={add.isPending} {...blocked}>
                Comment
              </Button>
            )}
          </WithReason>
        </Group>
      </Stack>
    </form>
  )
}

function Changes({ id }: { id: string }) {
  const zone = useZone()
  const changes = useInfiniteQuery(changesQuery(id))
  return (
    <>
      <Loaded query={changes} skeleton={<Skeleton h={80} />}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.items)
          if (all.length === 0)
            return (
              <Text size="sm" c="dimmed">
                Nothing was changed since it was created.
              </Text>
            )
          return (
            <ul className={c.entries} aria-label="History">
              {all.map((change) => (
                <li key={change.id}>
                  <Text size="xs" c="dimmed">
                    <Text span inherit fw={600} c="var(--mantine-color-text)">
                      {change.actor_name}
                    </Text>{' '}
                    {formatDateTime(change.at, zone)}
                  </Text>
                  <Said change={change} />
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
      <Earlier query={changes} label="Earlier changes" />
    </>
  )
}

function Said({ change: { field, before, after } }: { change: TaskChange }) {
  const [shown, show] = useState(false)
  if (field !== 'description')
    return (
      <Text size="sm" className={c.said}>
        {`${fieldWord(field)}: ${valueWords(field, before)} → ${valueWords(field, after)}`}
      </Text>
    )
  return (
    <>
      <Text size="sm">
        {'Description changed. '}
        <Anchor component="button" size="sm" onClick={() => show(!shown)} aria-expanded={shown}>
          {shown ? 'Hide both' : 'Show before and after'}
        </Anchor>
      </Text>
      {shown && (
        <div className={c.both}>
          <pre>{before ?? 'Nothing'}</pre>
          <pre>{after ?? 'Nothing'}</pre>
        </div>
      )}
    </>
  )
}
