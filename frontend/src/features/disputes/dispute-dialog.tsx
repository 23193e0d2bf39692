// One dispute: what is contested and why, the answer, and what can be done about it.
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import type { ReactNode } from 'react'
import { asAppError, fieldErrors } from '~/api/errors'
import { useDayZone, useMe, useZone } from '~/api/me'
import type { Dispute } from '~/api/types'
import { stateWord, subjectWords } from '~/components/disputes/words'
import { FormProblem } from '~/components/form-problem'
import { AnchorLink } from '~/components/links'
import { WithReason } from '~/components/with-reason'
import { decidesAbout, whyReadOnly } from '~/lib/can'
import { dayIn, formatDateTime } from '~/lib/time'
import { useAnswer, useWithdraw } from './queries'

type DisputeDialogProps = { dispute: Dispute; onClose: () => void }

export default function DisputeDialog({ dispute, onClose }: DisputeDialogProps) {
  const me = useMe()
  const answers = decidesAbout(me, dispute.user_id)
  const isOpen = dispute.state === 'open'
  const close = (
    <Button variant="default" onClick={onClose}>
      Close
    </Button>
  )
  return (
    <Modal opened onClose={onClose} title={`Contested by ${dispute.user_name}`} size="lg">
      <Stack>
        <Details dispute={dispute} />
        {answers && (
          <Text size="sm">
            An answer changes no number by itself. <Tool dispute={dispute} />
          </Text>
        )}
        {answers && isOpen && <AnswerForm dispute={dispute} close={close} onDone={onClose} />}
        {isOpen && dispute.user_id === me.id ? (
          <Withdraw dispute={dispute} close={!answers && close} onDone={onClose} />
        ) : (
          !(answers && isOpen) && <Group justify="flex-end">{close}</Group>
        )}
      </Stack>
    </Modal>
  )
}

function Details({ dispute }: { dispute: Dispute }) {
  const zone = useZone()
  const { answer, answered_at, answered_by_name, state, withdrawn_at } = dispute
  return (
    <Stack gap={6}>
      <Text size="sm">{`${subjectWords(dispute, zone)}: “${dispute.reason}”`}</Text>
      <Text size="sm">
        {`Contested on ${formatDateTime(dispute.created_at, zone)}. `}
        {answered_at &&
          `${stateWord(state)} by ${answered_by_name}, ${formatDateTime(answered_at, zone)}: “${answer}”`}
        {withdrawn_at && `Withdrawn on ${formatDateTime(withdrawn_at, zone)}.`}
        {state === 'open' && 'Nobody has answered yet.'}
      </Text>
    </Stack>
  )
}

/** Where what is accepted is put right. */
function Tool({ dispute: { user_name, started_at } }: { dispute: Dispute }) {
  const dayZone = useDayZone()
  const isAdmin = useMe().role === 'ADMIN'
  const day = started_at && dayIn(dayZone, started_at)
  if (day)
    return (
      <>
        <AnchorLink
          to="/sessions"
          search={{ q: user_name, from: day, to: day }}
          underline="always"
          inherit
        >
          Cut or exclude the session
        </AnchorLink>{' '}
        of that day to put it right.
      </>
    )
  if (!isAdmin) return <>An admin of the company changes the rules that label it.</>
  return (
    <>
      <AnchorLink to="/rules" underline="always" inherit>
        Change the rules
      </AnchorLink>{' '}
      that label it to put it right.
    </>
  )
}

type ActionProps = { dispute: Dispute; close: ReactNode; onDone: () => void }

function AnswerForm({ dispute, close, onDone }: ActionProps) {
  const answering = useAnswer()
  const readOnly = whyReadOnly(useMe())
  const form = useForm({ mode: 'uncontrolled', initialValues: { answer: '' } })
  const send = (accepted: boolean) => {
    const answer = form.getValues().answer.trim()
    if (!answer) return form.setErrors({ answer: 'Say why: the person reads it.' })
    answering.mutate(
      { id: dispute.id, accepted, answer },
      {
        onSuccess: ({ state }) => {
          notifications.show({ message: `${stateWord(state)}. The person is told.` })
          onDone()
        },
        onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
      },
    )
  }
  const button = (accepted: boolean) => (
    <WithReason reason={readOnly}>
      {(blocked) => (
        <Button
          color={accepted ? undefined : 'red.9'}
          loading={answering.isPending && answering.variables?.accepted === accepted}
          onClick={() => send(accepted)}
          {...blocked}
        >
          {accepted ? 'Accept' : 'Reject'}
        </Button>
      )}
    </WithReason>
  )
  return (
    <form noValidate onSubmit={(event) => event.preventDefault()}>
      <Stack>
        <FormProblem error={answering.error} />
        <Textarea
          label="Answer"
          description="The person reads it, and it is written to the audit log."
          maxLength={500}
          autosize
          minRows={2}
          key={form.key('answer')}
          {...form.getInputProps('answer')}
        />
        <Group justify="flex-end">
          {close}
          {button(false)}
          {button(true)}
        </Group>
      </Stack>
    </form>
  )
}

function Withdraw({ dispute, close, onDone }: ActionProps) {
  const withdraw = useWithdraw()
  return (
    <Stack>
      <FormProblem error={withdraw.error} />
      <Group justify="flex-end">
        {close}
        <WithReason reason={whyReadOnly(useMe())}>
          {(blocked) => (
            <Button
              color="red.9"
              loading={withdraw.isPending}
              onClick={() => withdraw.mutate(dispute.id, { onSuccess: onDone })}
              {...blocked}
            >
              Withdraw
            </Button>
          )}
        </WithReason>
      </Group>
    </Stack>
  )
}
