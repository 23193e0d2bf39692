// Plans to choose from: limits and price side by side, as one radio group.
import { Group, Radio, Stack, Text } from '@mantine/core'
import type { Plan } from '~/api/types'
import { count, money } from '~/lib/format'
import c from './plan-cards.module.css'

type PlanCardsProps = {
  label: string
  plans: Plan[]
  value: string
  onChange: (plan: string) => void
  current?: string
  error?: React.ReactNode
  /** A word of warning for a plan: what does not fit. */
  warn?: (plan: Plan) => string | undefined
}

export function PlanCards({ label, plans, value, onChange, current, error, warn }: PlanCardsProps) {
  return (
    <Radio.Group label={label} value={value} onChange={onChange} error={error}>
      <div className={c.cards}>
        {plans.map((plan) => (
          <Radio.Card key={plan.id} value={plan.name} className={c.card} radius="md">
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
                  {money(plan.price_minor, plan.currency)} a month
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
