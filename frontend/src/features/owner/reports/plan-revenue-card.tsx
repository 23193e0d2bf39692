// Which plans bring the revenue of one currency.
import { Card, Title } from '@mantine/core'
import type { CurrencyRevenue } from '~/api/types'
import { BarList } from '~/components/bar-list'
import { money, plural } from '~/lib/format'

export function PlanRevenueCard({ own }: { own: CurrencyRevenue }) {
  if (own.plans.length === 0) return null
  const title = 'Which plans bring it?'
  return (
    <Card component="section" aria-label={title}>
      <Title order={2} size="h5" mb="md">
        {title}
      </Title>
      <BarList
        caption={title}
        head={['Plan', 'MRR']}
        items={own.plans.map(({ plan, companies, mrr_minor }) => ({
          key: plan,
          name: `${plan}, ${plural(companies, 'company', 'companies')}`,
          value: mrr_minor,
          text: money(mrr_minor, own.currency),
        }))}
      />
    </Card>
  )
}
