// One session: what was changed of it, by how much that changed the sums, and changing it.
import { Button, Group, List, Modal, Stack, Text, Textarea, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { asAppError, fieldErrors } from '~/api/errors'
import { useMe, useZone } from '~/api/me'
import type { WorkSession } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { endWords } from '~/components/timeline/ends'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { duration } from '~/lib/format'
import { formatDateTime } from '~/lib/time'
import { endOf } from './columns'
import { useChange } from './queries'

type SessionDialogProps = { session: WorkSession; onClose: () => void }

export default function SessionDialog({ session, onClose }: SessionDialogProps) {
  const zone = useZone()
  const { started_at, ended_at, end_reason, excluded_at } = session
  const ended = ended_at ? endOf(started_at, ended_at, zone) : 'still running'
  return (
    <Modal opened onClose={onClose} title={`Session of ${session.user_name}`}>
      <Stack>
        <Text size="sm">
          {`${formatDateTime(started_at, zone)} – ${ended}, on ${session.device_name}`}
          {end_reason && `; ended: ${endWords(end_reason)}`}
          {`. Observed: ${duration(session.tracked_seconds)}, of it active ${duration(session.active_seconds)}.`}
          {excluded_at && ` Excluded since ${formatDateTime(excluded_at, zone)}.`}
        </Text>
        <History session={session} zone={zone} />
        <ChangeForm session={session} onClose={onClose} />
      </Stack>
    </Modal>
  )
}

function History({ session, zone }: { session: WorkSession; zone: string }) {
  if (session.changes.length === 0) return null
  return (
    <section aria-labelledby="changes">
      <Title order={3} size="h6" id="changes" mb={4}>
        Changes
      </Title>
      <List size="sm" spacing={6}>
        {session.changes.map((change) => (
          <List.Item key={change.id}>
            {`${change.kind === 'excluded' ? 'Excluded' : 'Counted again'} by ${change.actor_name}, ${formatDateTime(change.at, zone)}: “${change.reason}”`}
            <Text size="xs" c="dimmed" className="numbers">
              {`Observed of its days: ${duration(change.tracked_seconds_before)} before, ${duration(change.tracked_seconds_after)} after`}
            </Text>
          </List.Item>
        ))}
      </List>
    </section>
  )
}

function ChangeForm({ session, onClose }: SessionDialogProps) {
  const change = useChange(session)
  const readOnly = whyReadOnly(useMe())
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { reason: '' },
    validate: { reason: (text) => (text.trim() ? null : 'Say why: the person reads it.') },
  })
  const excludes = !session.excluded_at
  const submit = form.onSubmit(({ reason }) =>
    change.mutate(reason.trim(), {
      onSuccess: ({ changes: [made] }) => {
        if (made)
          notifications.show({
            message: `Observed of its days: ${duration(made.tracked_seconds_before)} before, ${duration(made.tracked_seconds_after)} now.`,
          })
        onClose()
      },
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  const running = session.ended_at ? undefined : 'It has not ended yet.'
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <FormProblem error={change.error} />
        <Text size="sm">
          {excludes
            ? 'An excluded session stays, with everything that was recorded, and counts in no sum any more. You can let it count again.'
            : 'It counts again in the sums of its days.'}
        </Text>
        <Textarea
          label="Why"
          description="The person reads it. It is written to the audit log."
          maxLength={500}
          autosize
          minRows={2}
          key={form.key('reason')}
          {...form.getInputProps('reason')}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Close
          </Button>
          <WithReason reason={readOnly ?? running}>
            {(blocked) => (
              <Button
                type="submit"
                {...(excludes ? { color: 'red.9' } : {})}
                loading={change.isPending}
                {...blocked}
              >
                {excludes ? 'Exclude' : 'Count again'}
              </Button>
            )}
          </WithReason>
        </Group>
      </Stack>
    </form>
  )
}
