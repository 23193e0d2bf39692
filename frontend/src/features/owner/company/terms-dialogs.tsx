// To begin to pay, to go on, to leave, and to keep the plan after all: each says what it does before it does it.
import { Button, Checkbox, Group, List, Skeleton, Stack, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { asAppError, fieldErrors } from '~/api/errors'
import { useZone } from '~/api/me'
import type { CompanyDetail } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { priceOf } from '~/components/plan-cards'
import { RouteDialog } from '~/components/route-dialog'
import { money, plural } from '~/lib/format'
import { formatDate } from '~/lib/time'
import { choosablePlansQuery } from '../plans/queries'
import { useActivate, useCancel, useRenew, useWithdrawChange } from './changes'
import { devicesOf, periodAfter, periodOf, renewedFrom } from './terms'
import { useCompanyDialog } from './use-dialog'

const LONGEST = 500
/** What was given back when it is cancelled by mistake. */
const REVOCABLE_DAYS = 30

type Why = { reason?: string }
type Action = {
  error: unknown
  isPending: boolean
  mutate: (
    body: Why,
    options: { onSuccess: () => void; onError: (thrown: unknown) => void },
  ) => void
}
type ReasonFormProps = {
  action: Action
  children: ReactNode
  label: string
  done: string
  /** Asked for, not only possible. */
  must?: boolean
  danger?: boolean
  back?: string
  onClose: () => void
}

function ReasonForm(props: ReasonFormProps) {
  const { action, children, label, done, must, danger, back = 'Cancel', onClose } = props
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { reason: '' },
    validate: {
      reason: (value) => (must && !value.trim() ? 'Say why: the history keeps it.' : null),
    },
  })
  const submit = form.onSubmit(({ reason }) =>
    action.mutate(reason.trim() ? { reason: reason.trim() } : {}, {
      onSuccess: () => {
        notifications.show({ message: done })
        onClose()
      },
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {children}
        <FormProblem error={action.error} />
        <Textarea
          label={must ? 'Reason' : 'Reason (optional)'}
          autosize
          minRows={2}
          maxLength={LONGEST}
          key={form.key('reason')}
          {...form.getInputProps('reason')}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus={danger || undefined}>
            {back}
          </Button>
          <Button type="submit" loading={action.isPending} {...(danger ? { color: 'red.9' } : {})}>
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

const agreed = ({ subscription: { price_minor, currency, period } }: CompanyDetail) =>
  `${money(price_minor, currency)} a ${period}`

export function ActivateDialog() {
  const { companyId, company, close } = useCompanyDialog()
  const activate = useActivate(companyId)
  const zone = useZone()
  const name = company.data?.name ?? 'the company'
  return (
    <RouteDialog title={`Activate ${name}?`} onClose={close}>
      <Loaded query={company} skeleton={<Skeleton h={160} />}>
        {(detail) => (
          <ReasonForm
            action={activate}
            label="Activate"
            done={`${name} is active.`}
            onClose={close}
          >
            <List size="sm" spacing={4}>
              <List.Item>
                It pays {agreed(detail)} for {detail.plan}, from now until{' '}
                {formatDate(periodAfter(new Date(), periodOf(detail.subscription)), zone)}.
              </List.Item>
              <List.Item>The trial is over with it.</List.Item>
              <List.Item>Its admins are reminded 7, 3 and 1 days before the period ends.</List.Item>
            </List>
          </ReasonForm>
        )}
      </Loaded>
    </RouteDialog>
  )
}

export function RenewDialog() {
  const { company, close } = useCompanyDialog()
  return (
    <RouteDialog title={`Renew ${company.data?.name ?? 'the company'}?`} onClose={close}>
      <Loaded query={company} skeleton={<Skeleton h={160} />}>
        {(detail) => <Renewal detail={detail} onClose={close} />}
      </Loaded>
    </RouteDialog>
  )
}

function Renewal({ detail, onClose }: { detail: CompanyDetail; onClose: () => void }) {
  const renew = useRenew(detail.id)
  const zone = useZone()
  const plans = useQuery(choosablePlansQuery)
  const [current, setCurrent] = useState(false)
  const { currency, price_minor } = detail.subscription
  const period = periodOf(detail.subscription)
  const plan = plans.data?.items.find(({ name }) => name === detail.plan)
  const today = plan && priceOf(plan, currency, period)
  const from = renewedFrom(detail, new Date())
  const action: Action = {
    ...renew,
    mutate: (why, options) =>
      renew.mutate({ ...why, ...(current ? { current_price: true } : {}) }, options),
  }
  return (
    <ReasonForm action={action} label="Renew" done={`${detail.name} is renewed.`} onClose={onClose}>
      <Text size="sm">
        One more {period} of {detail.plan}, from {formatDate(from, zone)} to{' '}
        {formatDate(periodAfter(from, period), zone)}, at{' '}
        {current && today ? `${money(today.price_minor, currency)} a ${period}` : agreed(detail)}.
      </Text>
      {!detail.expires_at && (
        <Text size="sm" c="dimmed">
          It is active without an end at present. From now on it has one.
        </Text>
      )}
      {today && today.price_minor !== price_minor && (
        <Checkbox
          label={`At today’s price, ${money(today.price_minor, currency)} a ${period}`}
          description="Else at the price that was agreed."
          checked={current}
          onChange={(event) => setCurrent(event.currentTarget.checked)}
        />
      )}
    </ReasonForm>
  )
}

export function CancelDialog() {
  const { companyId, company, close } = useCompanyDialog()
  const cancel = useCancel(companyId)
  const name = company.data?.name ?? 'the company'
  const action: Action = {
    ...cancel,
    mutate: ({ reason = '' }, options) => cancel.mutate({ reason }, options),
  }
  return (
    <RouteDialog title={`Cancel the subscription of ${name}?`} onClose={close}>
      <ReasonForm
        action={action}
        label="Cancel the subscription"
        done={`${name} is cancelled.`}
        back="Keep it"
        must
        danger
        onClose={close}
      >
        <List size="sm" spacing={4}>
          <List.Item>
            {company.data ? `Agents on ${plural(devicesOf(company.data), 'device')}` : 'Agents'} are
            refused within a second. They keep recording.
          </List.Item>
          <List.Item>Admins go on reading and exporting, and change nothing.</List.Item>
          <List.Item>
            Nothing is deleted: for {REVOCABLE_DAYS} days you can reactivate it as it was.
          </List.Item>
          {company.data?.planned_change && (
            <List.Item>
              The change to {company.data.planned_change.plan} that is planned is withdrawn.
            </List.Item>
          )}
        </List>
      </ReasonForm>
    </RouteDialog>
  )
}

export function WithdrawChangeDialog() {
  const { companyId, company, close } = useCompanyDialog()
  const withdraw = useWithdrawChange(companyId)
  const zone = useZone()
  return (
    <RouteDialog title="Withdraw the planned change?" onClose={close}>
      <Loaded query={company} skeleton={<Skeleton h={120} />}>
        {(detail) => (
          <ReasonForm
            action={withdraw}
            label="Withdraw the change"
            done={`${detail.name} stays on ${detail.plan}.`}
            onClose={close}
          >
            <Text size="sm">
              {detail.name} stays on {detail.plan}
              {detail.planned_change &&
                ` and does not get ${detail.planned_change.plan} on ${formatDate(detail.planned_change.effective_at, zone)}`}
              .
            </Text>
          </ReasonForm>
        )}
      </Loaded>
    </RouteDialog>
  )
}
