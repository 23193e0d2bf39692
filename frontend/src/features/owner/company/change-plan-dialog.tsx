// Another plan, with what it changes. A smaller one comes at once or when the period ends; at once it is refused while
// the company uses more than it allows, unless the owner insists.
import {
  Button,
  Checkbox,
  Group,
  List,
  NativeSelect,
  Radio,
  Skeleton,
  Stack,
  Text,
  Textarea,
} from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { asAppError } from '~/api/errors'
import { useZone } from '~/api/me'
import type { CompanyDetail, Overrides, Period, Plan } from '~/api/types'
import { type Column, DataTable } from '~/components/data-table'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { PlanCards, priceOf } from '~/components/plan-cards'
import { RouteDialog } from '~/components/route-dialog'
import { formatDate } from '~/lib/time'
import { choosablePlansQuery } from '../plans/queries'
import { useChangePlan } from './changes'
import { overLimits } from './limits'
import { overridesQuery } from './queries'
import { isDowngrade, type Line, periodOf, preview } from './terms'
import { useCompanyDialog } from './use-dialog'

export function ChangePlanDialog() {
  const { companyId, company, close } = useCompanyDialog()
  const plans = useQuery(choosablePlansQuery)
  const own = useQuery(overridesQuery(companyId))
  return (
    <RouteDialog
      title={`Change the plan of ${company.data?.name ?? 'the company'}`}
      size="lg"
      onClose={close}
    >
      <Loaded query={company} skeleton={<Skeleton h={200} />}>
        {(detail) => (
          <Loaded query={plans} skeleton={<Skeleton h={200} />}>
            {({ items }) => (
              <Loaded query={own} skeleton={<Skeleton h={200} />}>
                {(overrides) => (
                  <Form detail={detail} own={overrides} plans={items} onClose={close} />
                )}
              </Loaded>
            )}
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

type When = 'now' | 'period_end'
type FormProps = { detail: CompanyDetail; own: Overrides; plans: Plan[]; onClose: () => void }

function Form({ detail, own, plans, onClose }: FormProps) {
  const zone = useZone()
  const change = useChangePlan(detail.id)
  const [plan, setPlan] = useState(detail.plan)
  const { currency, period: agreed } = detail.subscription
  const [period, setPeriod] = useState<Period>(periodOf(detail.subscription))
  const [when, setWhen] = useState<When>('now')
  const [force, setForce] = useState(false)
  const [reason, setReason] = useState('')
  const chosen = plans.find(({ name }) => name === plan)
  const over = chosen ? overLimits(detail, chosen) : []
  const periodEnd = detail.status === 'ACTIVE' && detail.expires_at
  const mayWait = Boolean(chosen && periodEnd && isDowngrade(detail, own, chosen, period))
  const waits = mayWait && when === 'period_end'
  const unchanged = plan === detail.plan && period === agreed
  const refused = change.error && asAppError(change.error).code === 'plan_limits_exceeded'

  function submit(event: FormEvent) {
    event.preventDefault()
    const why = reason.trim() ? { reason: reason.trim() } : {}
    change.mutate(
      { plan, period, ...(waits ? { when } : force ? { force } : {}), ...why },
      {
        onSuccess: () => {
          notifications.show({
            message: waits
              ? `${detail.name} gets ${plan} when its period ends.`
              : `${detail.name} is on ${plan} now.`,
          })
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
        {chosen && !unchanged && (
          <DataTable
            caption="What changes"
            columns={COLUMNS}
            rows={preview(detail, own, chosen, period)}
            rowKey={({ key }) => key}
          />
        )}
        {mayWait && periodEnd && !unchanged && (
          <Radio.Group
            label="When?"
            value={when}
            onChange={(value) => {
              setWhen(value === 'period_end' ? 'period_end' : 'now')
              change.reset()
            }}
          >
            <Stack gap="xs" mt={4}>
              <Radio value="now" label="At once" />
              <Radio
                value="period_end"
                label={`On ${formatDate(periodEnd, zone)}, when the period that is paid for ends`}
                description="Shown on the company’s page, and can be withdrawn until then."
              />
            </Stack>
          </Radio.Group>
        )}
        {waits && over.length > 0 && (
          <Text size="sm">
            The company uses more than that today. What exceeds the new limits by then stays
            readable; only growth is refused.
          </Text>
        )}
        <FormProblem error={change.error}>
          {refused && (
            <List size="sm">
              {asAppError(change.error).fields.map((field) => (
                <List.Item key={field.pointer}>{field.detail}</List.Item>
              ))}
            </List>
          )}
        </FormProblem>
        {!waits && (over.length > 0 || refused) && (
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
            {waits
              ? 'At the price that the plan has today.'
              : 'In force at once, at the price that the plan has today.'}
            {detail.planned_change &&
              ` It takes the place of the change to ${detail.planned_change.plan} that is planned.`}
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
              {waits ? `Plan the change to ${plan}` : `Change to ${plan}`}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}

const COLUMNS: Column<Line>[] = [
  { key: 'what', header: 'What', names: true, cell: ({ what }) => what },
  { key: 'before', header: 'Now', align: 'end', cell: ({ before }) => before },
  { key: 'after', header: 'Then', align: 'end', cell: ({ after }) => after },
  { key: 'difference', header: 'Difference', align: 'end', cell: ({ difference }) => difference },
]
