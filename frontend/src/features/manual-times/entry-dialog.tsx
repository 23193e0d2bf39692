// One entry, or several that are decided at once: what was said, what it would count as, and the decision.
import { Button, Group, List, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { asAppError, fieldErrors } from '~/api/errors'
import { useMe, useZone } from '~/api/me'
import type { ManualTime } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { WithReason } from '~/components/with-reason'
import { decidesAbout, whyReadOnly } from '~/lib/can'
import { duration, plural } from '~/lib/format'
import { formatDateTime, stretchWords } from '~/lib/time'
import { countsWords, lengthOf } from './columns'
import { type Decision, useDecide, useWithdraw } from './queries'
import { kindWord, stateWord } from './words'

type EntryDialogProps = { entries: ManualTime[]; onClose: () => void; onDone?: () => void }

export default function EntryDialog({ entries, onClose, onDone }: EntryDialogProps) {
  const me = useMe()
  const [only, ...more] = entries
  const several = more.length > 0
  const title = several
    ? `Manual time: ${plural(entries.length, 'entry', 'entries')}`
    : `Manual time of ${only?.user_name}`
  const mayDecide = entries.every(
    ({ state, user_id }) => state !== 'withdrawn' && decidesAbout(me, user_id),
  )
  return (
    <Modal opened onClose={onClose} title={title} size="lg">
      <Stack>
        {only && !several ? <Details entry={only} /> : <Listed entries={entries} />}
        {mayDecide ? (
          <DecideForm
            entries={entries}
            onClose={onClose}
            onDone={() => {
              onDone?.()
              onClose()
            }}
          />
        ) : (
          only && <Withdraw entry={only} onClose={onClose} />
        )}
      </Stack>
    </Modal>
  )
}

function Details({ entry }: { entry: ManualTime }) {
  const zone = useZone()
  const { decided_at, decided_by_name, decision_reason } = entry
  return (
    <Stack gap={6}>
      <Text size="sm">
        {`${kindWord(entry.kind)}, ${stretchWords(entry, zone)} (${duration(lengthOf(entry))}): “${entry.reason}”`}
        {entry.task_title && `. For the task “${entry.task_title}”`}
      </Text>
      <Text size="sm">
        {`Said by ${entry.created_by_name}, ${formatDateTime(entry.created_at, zone)}. ${stateWord(entry.state)}`}
        {decided_at && entry.state !== 'pending'
          ? `${decided_by_name ? ` by ${decided_by_name}` : ', as the company wants no approval'}, ${formatDateTime(decided_at, zone)}`
          : ''}
        {decision_reason ? `: “${decision_reason}”` : '.'}
      </Text>
      <Text size="sm" c="dimmed">
        {`Counts as: ${countsWords(entry)}. What a device saw as active counts there, and not again.`}
      </Text>
    </Stack>
  )
}

function Listed({ entries }: { entries: ManualTime[] }) {
  const zone = useZone()
  return (
    <List size="sm" spacing={6}>
      {entries.map((entry) => (
        <List.Item key={entry.id}>
          {`${entry.user_name}, ${kindWord(entry.kind)}, ${stretchWords(entry, zone)}: “${entry.reason}”. Counts as: ${countsWords(entry)}.`}
        </List.Item>
      ))}
    </List>
  )
}

type DecideFormProps = { entries: ManualTime[]; onClose: () => void; onDone: () => void }

function DecideForm({ entries, onClose, onDone }: DecideFormProps) {
  const decide = useDecide()
  const readOnly = whyReadOnly(useMe())
  const form = useForm({ mode: 'uncontrolled', initialValues: { reason: '' } })
  const is = (state: string) => entries.every((entry) => entry.state === state)
  const send = (to: Decision['to']) => {
    const reason = form.getValues().reason.trim()
    if (to === 'reject' && !reason)
      return form.setErrors({ reason: 'Say why: the person reads it.' })
    const ids = entries.map(({ id }) => id)
    decide.mutate(
      { to, ids, reason },
      {
        onSuccess: ({ items }) => {
          notifications.show({
            message: `${plural(items.length, 'entry', 'entries')} ${to === 'approve' ? 'approved' : 'rejected'}.`,
          })
          onDone()
        },
        onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
      },
    )
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!readOnly && !is('approved')) send('approve')
      }}
    >
      <Stack>
        <FormProblem error={decide.error} />
        <Textarea
          label="Why"
          description="Needed to reject. The person reads it, and it is written to the audit log."
          maxLength={500}
          autosize
          minRows={2}
          key={form.key('reason')}
          {...form.getInputProps('reason')}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          {!is('rejected') && (
            <WithReason reason={readOnly}>
              {(blocked) => (
                <Button
                  color="red.9"
                  loading={decide.isPending && decide.variables?.to === 'reject'}
                  onClick={() => send('reject')}
                  {...blocked}
                >
                  Reject
                </Button>
              )}
            </WithReason>
          )}
          {!is('approved') && (
            <WithReason reason={readOnly}>
              {(blocked) => (
                <Button
                  type="submit"
                  loading={decide.isPending && decide.variables?.to === 'approve'}
                  {...blocked}
                >
                  Approve
                </Button>
              )}
            </WithReason>
          )}
        </Group>
      </Stack>
    </form>
  )
}

function Withdraw({ entry, onClose }: { entry: ManualTime; onClose: () => void }) {
  const withdraw = useWithdraw()
  const me = useMe()
  const readOnly = whyReadOnly(me)
  return (
    <Stack>
      <FormProblem error={withdraw.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          Close
        </Button>
        {entry.state === 'pending' && entry.user_id === me.id && (
          <WithReason reason={readOnly}>
            {(blocked) => (
              <Button
                color="red.9"
                loading={withdraw.isPending}
                onClick={() => withdraw.mutate(entry.id, { onSuccess: onClose })}
                {...blocked}
              >
                Withdraw
              </Button>
            )}
          </WithReason>
        )}
      </Group>
    </Stack>
  )
}
