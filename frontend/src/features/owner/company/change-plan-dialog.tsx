// Another plan. A smaller one is refused while the company uses more than it allows, unless the owner insists.
import {
  Button,
  Checkbox,
  Group,
  List,
  NativeSelect,
  Skeleton,
  Stack,
  Text,
  Textarea,
} from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { asAppError } from '~/api/errors'
import type { CompanyDetail, Period, Plan } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { PlanCards, priceOf } from '~/components/plan-cards'
import { RouteDialog } from '~/components/route-dialog'
import { choosablePlansQuery } from '../plans/queries'
import { overLimits } from './limits'
import { useChangePlan } from './queries'
import { useCompanyDialog } from './use-dialog'

export function ChangePlanDialog() {
  const { company, close } = useCompanyDialog()
  const plans = useQuery(choosablePlansQuery)
  return (
    <RouteDialog
      title={`Change the plan of ${company.data?.name ?? 'the company'}`}
      size="lg"
      onClose={close}
    >
      <Loaded query={company} skeleton={<Skeleton h={200} />}>
        {(detail) => (
          <Loaded query={plans} skeleton={<Skeleton h={200} />}>
            {({ items }) => <Form detail={detail} plans={items} onClose={close} />}
          </Loaded>
        )}
      </Loaded>
    </RouteDialog>
  )
}

const PERIODS = [
  { value: 'month', label: 'By the month' },
  { value: 'year', label: 'By the year' },
]

type FormProps = { detail: CompanyDetail; plans: Plan[]; onClose: () => void }

function Form({ detail, plans, onClose }: FormProps) {
  const change = useChangePlan(detail.id)
  const [plan, setPlan] = useState(detail.plan)
  const { currency, period: agreed } = detail.subscription
  const [period, setPeriod] = useState<Period>(agreed === 'year' ? 'year' : 'month')
  const [force, setForce] = useState(false)
  const [reason, setReason] = useState('')
  const chosen = plans.find(({ name }) => name === plan)
  const over = chosen ? overLimits(detail, chosen) : []
  const unchanged = plan === detail.plan && period === agreed
  const refused = change.error && asAppError(change.error).code === 'plan_limits_exceeded'

  function submit(event: FormEvent) {
    event.preventDefault()
    const why = reason.trim() ? { reason: reason.trim() } : {}
    change.mutate(
      { plan, period, ...(force ? { force } : {}), ...why },
      {
        onSuccess: () => {
          notifications.show({ message: `${detail.name} is on ${plan} now.` })
          onClose()
        },
      },
    )
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <NativeSelect
          label="Paid"
          value={period}
          onChange={({ currentTarget: { value } }) => {
            setPeriod(value === 'year' ? 'year' : 'month')
            change.reset()
          }}
          data={PERIODS}
          maw={200}
        />
        <PlanCards
          label="Plan"
          plans={plans}
          currency={currency}
          period={period}
          value={plan}
          current={detail.plan}
          onChange={(name) => {
            setPlan(name)
            change.reset()
            setForce(false)
          }}
          warn={(candidate) => overLimits(detail, candidate)[0]}
        />
        <FormProblem error={change.error}>
          {refused && (
            <List size="sm">
              {asAppError(change.error).fields.map((field) => (
                <List.Item key={field.pointer}>{field.detail}</List.Item>
              ))}
            </List>
          )}
        </FormProblem>
        {(over.length > 0 || refused) && (
          <Checkbox
            label="Change it all the same"
            description="What exceeds the new limits stays readable; only growth is refused."
            checked={force}
            onChange={(event) => setForce(event.currentTarget.checked)}
          />
        )}
        <Textarea
          label="Reason (optional)"
          autosize
          minRows={2}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group justify="space-between">
          <Text size="xs" c="dimmed">
            In force at once, at the price that the plan has today.
          </Text>
          <Group>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              disabled={unchanged || !chosen || !priceOf(chosen, currency, period)}
              loading={change.isPending}
            >
              Change to {plan}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}
