// Plans to choose from: limits and price side by side, as one radio group.
import { Group, Radio, Stack, Text } from '@mantine/core'
import type { Period, Plan } from '~/api/types'
import { count, money } from '~/lib/format'
import c from './plan-cards.module.css'

type PlanCardsProps = {
  label: string
  plans: Plan[]
  /** In what and how often is paid. */
  currency: string
  period: Period
  value: string
  onChange: (plan: string) => void
  current?: string
  error?: React.ReactNode
  /** A word of warning for a plan: what does not fit. */
  warn?: (plan: Plan) => string | undefined
}

export function priceOf(plan: Pick<Plan, 'prices'>, currency: string, period: Period) {
  return plan.prices.find((price) => price.currency === currency && price.period === period)
}

export function PlanCards(props: PlanCardsProps) {
  const { label, plans, currency, period, value, onChange, current, error, warn } = props
  const priceWords = (plan: Plan) => {
    const price = priceOf(plan, currency, period)
    return price
      ? `${money(price.price_minor, currency)} a ${period}`
      : `No price in ${currency} by the ${period}`
  }
  return (
    <Radio.Group label={label} value={value} onChange={onChange} error={error}>
      <div className={c.cards}>
        {plans.map((plan) => (
          <Radio.Card
            key={plan.id}
            value={plan.name}
            className={c.card}
            radius="md"
            disabled={!priceOf(plan, currency, period)}
          >
            <Group wrap="nowrap" align="flex-start" gap="sm">
              <Radio.Indicator mt={2} />
              <Stack gap={2}>
                <Text fw={600}>
                  {plan.name}
                  {plan.name === current && (
                    <Text span size="xs" c="dimmed">
                      {' '}
                      current
                    </Text>
                  )}
                </Text>
                <Text size="sm" className="numbers">
                  {priceWords(plan)}
                </Text>
                <Text size="xs" c="dimmed">
                  {count(plan.max_employees)} employees, {count(plan.max_storage_gb)} GB
                </Text>
                {warn?.(plan) && (
                  <Text size="xs" c="var(--mantine-color-error)">
                    {warn(plan)}
                  </Text>
                )}
              </Stack>
            </Group>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  )
}
