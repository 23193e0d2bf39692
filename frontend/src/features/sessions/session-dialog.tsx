// One session: what was changed of it, by how much that changed the sums, and changing it: what counts of it, or that nothing
// is left of it.
import {
  Button,
  Group,
  List,
  Modal,
  Radio,
  Stack,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { asAppError, fieldErrors } from '~/api/errors'
import { useMe, useZone } from '~/api/me'
import type { Me, WorkSession } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { TaskLink } from '~/components/tasks/task-link'
import { endWords } from '~/components/timeline/ends'
import { WithReason } from '~/components/with-reason'
import { decidesAbout, whyReadOnly } from '~/lib/can'
import { duration } from '~/lib/format'
import { formatDateTime, formatTime } from '~/lib/time'
import { endOf } from './columns'
import { type Cut, cutOf, momentsOf } from './cut'
import { type Action, useChange } from './queries'

type SessionDialogProps = { session: WorkSession; onClose: () => void }

export default function SessionDialog({ session, onClose }: SessionDialogProps) {
  const zone = useZone()
  const me = useMe()
  const { started_at, ended_at, end_reason, deleted_at } = session
  const ended = ended_at ? endOf(started_at, ended_at, zone) : 'still running'
  return (
    <Modal opened onClose={onClose} title={`Session of ${session.user_name}`} size="lg">
      <Stack>
        <Text size="sm">
          {`${formatDateTime(started_at, zone)} – ${ended}, on ${session.device_name}`}
          {end_reason && `; ended: ${endWords(end_reason)}`}
          {`. Observed: ${duration(session.tracked_seconds)}, of it active ${duration(session.active_seconds)}.`}
          {countsWords(session, zone)}
        </Text>
        <Worked session={session} />
        <History session={session} zone={zone} />
        {decidesAbout(me, session.user_id) && !deleted_at ? (
          <ChangeForm session={session} onClose={onClose} />
        ) : (
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} data-autofocus>
              Close
            </Button>
          </Group>
        )}
      </Stack>
    </Modal>
  )
}

/** What it was for: one task, as an agent ends the session when another task is begun. */
function Worked({ session: { task, tracked_seconds } }: { session: WorkSession }) {
  return (
    <Text size="sm">
      {'Task: '}
      {task ? <TaskLink task={task} /> : 'none was chosen'}
      {task && `, ${duration(tracked_seconds)} observed`}.
    </Text>
  )
}

/** What of it counts, if that is not all. */
function countsWords(
  { excluded_at, deleted_at, counted_from, counted_to }: WorkSession,
  zone: string,
) {
  if (deleted_at) return ` Deleted, ${formatDateTime(deleted_at, zone)}: nothing is left of it.`
  if (excluded_at) return ` Excluded since ${formatDateTime(excluded_at, zone)}.`
  const ends = [
    counted_from && `from ${formatDateTime(counted_from, zone)}`,
    counted_to && `until ${formatDateTime(counted_to, zone)}`,
  ].filter(Boolean)
  return ends.length > 0 ? ` Counts only ${ends.join(' ')}.` : ''
}

const DONE: Record<string, string> = {
  excluded: 'Excluded',
  included: 'Counted again',
  cut: 'Cut',
  restored: 'Counted as a whole again',
  deleted: 'Deleted',
}

function History({ session, zone }: { session: WorkSession; zone: string }) {
  if (session.changes.length === 0) return null
  const end = (at: string | undefined | null, own: string) => (at ? formatTime(at, zone) : own)
  return (
    <section aria-labelledby="changes">
      <Title order={3} size="h6" id="changes" mb={4}>
        Changes
      </Title>
      <List size="sm" spacing={6}>
        {session.changes.map((change) => (
          <List.Item key={change.id}>
            {`${DONE[change.kind] ?? change.kind} by ${change.actor_name}, ${formatDateTime(change.at, zone)}: “${change.reason}”`}
            <Text size="xs" c="dimmed" className="numbers">
              {`Observed of its days: ${duration(change.tracked_seconds_before)} before, ${duration(change.tracked_seconds_after)} after`}
              {['cut', 'restored'].includes(change.kind) &&
                `; counted from ${end(change.counted_from_before, 'its beginning')} until ${end(change.counted_to_before, 'its end')} before, from ${end(change.counted_from_after, 'its beginning')} until ${end(change.counted_to_after, 'its end')} after`}
            </Text>
          </List.Item>
        ))}
      </List>
    </section>
  )
}

const ACTIONS: Record<Action, { label: string; button: string; about: string; danger?: boolean }> =
  {
    exclude: {
      label: 'Exclude it',
      button: 'Exclude',
      about:
        'An excluded session stays, with everything that was recorded, and counts in no sum any more. You can let it count again.',
      danger: true,
    },
    include: {
      label: 'Let it count again',
      button: 'Count again',
      about: 'It counts again in the sums of its days.',
    },
    cut: {
      label: 'Let only a part of it count',
      button: 'Cut',
      about:
        'Nothing of what was recorded is lost. Only what lies between these times counts. You can let the whole count again.',
    },
    restore: {
      label: 'Let the whole count again',
      button: 'Restore',
      about: 'It counts from its beginning to its end again.',
    },
    delete: {
      label: 'Delete what was recorded in it',
      button: 'Delete for good',
      about:
        'Its minutes, applications, pages and pictures go for good, and nobody can take that back. Who deleted it, why, and by how much the sums fell stays.',
      danger: true,
    },
  }

/** What is gone for good is the company's matter, not one of its teams'. */
function actionsFor(
  { excluded_at, counted_from, counted_to }: WorkSession,
  { role }: Pick<Me, 'role'>,
): Action[] {
  const last: Action[] = role === 'ADMIN' ? ['delete'] : []
  if (excluded_at) return ['include', ...last]
  const whole: Action[] = counted_from || counted_to ? ['restore'] : []
  return ['exclude', 'cut', ...whole, ...last]
}

type Values = Cut & { action: Action; reason: string; name: string }

function ChangeForm({ session, onClose }: SessionDialogProps) {
  const change = useChange(session)
  const zone = useZone()
  const me = useMe()
  const readOnly = whyReadOnly(me)
  const actions = actionsFor(session, me)
  const form = useForm<Values>({
    initialValues: {
      action: actions[0] ?? 'exclude',
      reason: '',
      name: '',
      ...momentsOf(session, zone),
    },
    validate: {
      reason: (text) => (text.trim() ? null : 'Say why: the person reads it.'),
      name: (text, { action }) =>
        action !== 'delete' || text.trim() === session.user_name.trim()
          ? null
          : `Type “${session.user_name}” to delete it.`,
    },
  })
  const { action } = form.values
  const { about, button, danger } = ACTIONS[action]
  const submit = form.onSubmit(({ action, reason, ...cut }) =>
    change.mutate(
      {
        action,
        reason: reason.trim(),
        ...(action === 'cut' ? cutOf(session, cut, zone) : {}),
      },
      {
        onSuccess: ({ changes: [made] }) => {
          if (made)
            notifications.show({
              message: `Observed of its days: ${duration(made.tracked_seconds_before)} before, ${duration(made.tracked_seconds_after)} now.`,
            })
          onClose()
        },
        onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
      },
    ),
  )
  const running = session.ended_at ? undefined : 'It has not ended yet.'
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <FormProblem error={change.error} />
        <Radio.Group
          label="What is to be done?"
          {...form.getInputProps('action')}
          onChange={(value) => form.setFieldValue('action', value as Action)}
        >
          <Stack gap={6} mt={4}>
            {actions.map((value) => (
              <Radio key={value} value={value} label={ACTIONS[value].label} />
            ))}
          </Stack>
        </Radio.Group>
        <Text size="sm">{about}</Text>
        {action === 'cut' && (
          <Group align="flex-start">
            <TextInput type="datetime-local" label="Counts from" {...form.getInputProps('from')} />
            <TextInput type="datetime-local" label="Counts until" {...form.getInputProps('to')} />
          </Group>
        )}
        <Textarea
          label="Why"
          description="The person reads it. It is written to the audit log."
          maxLength={500}
          autosize
          minRows={2}
          {...form.getInputProps('reason')}
        />
        {action === 'delete' && (
          <TextInput
            label={`Type “${session.user_name}” to delete it`}
            autoComplete="off"
            {...form.getInputProps('name')}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Close
          </Button>
          <WithReason reason={readOnly ?? running}>
            {(blocked) => (
              <Button
                type="submit"
                {...(danger ? { color: 'red.9' } : {})}
                loading={change.isPending}
                {...blocked}
              >
                {button}
              </Button>
            )}
          </WithReason>
        </Group>
      </Stack>
    </form>
  )
}
