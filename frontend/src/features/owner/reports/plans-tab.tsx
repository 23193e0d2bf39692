// How companies are distributed over plans.
import { Card, Skeleton, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { PlansReport } from '~/api/types'
import { ChartCard } from '~/components/charts/chart-card'
import { Donut } from '~/components/charts/lazy-bars'
import { type Column, DataTable } from '~/components/data-table'
import { Loaded } from '~/components/loaded'
import { count, percent, plural } from '~/lib/format'
import { Help } from './help'
import { rangeOf } from './months'
import { Nobody } from './nobody'
import { plansReportQuery } from './queries'
import { STATUSES } from './statuses'

type Share = PlansReport['plans'][number]
const route = getRouteApi('/_app/owner/reports')
const HEIGHT = 260
const COLORS = ['indigo.5', 'teal.6', 'orange.6', 'violet.5', 'cyan.6', 'pink.6', 'lime.7']

export function PlansTab() {
  const range = rangeOf(route.useSearch())
  const report = useQuery(plansReportQuery(range))
  return (
    <Loaded query={report} skeleton={<Skeleton h={420} radius="lg" />}>
      {({ plans }) =>
        plans.length === 0 ? (
          <Nobody title="No company had a plan by then">
            Choose a later month, or make the first company.
          </Nobody>
        ) : (
          <Stack gap="lg">
            <Distribution plans={plans} />
            <Card p={0} component="section" aria-label="Plans by status">
              <Title order={2} size="h5" p="lg" pb="sm">
                How do the companies of each plan stand?
              </Title>
              <DataTable
                caption="Companies by plan and status"
                columns={COLUMNS}
                rows={plans}
                rowKey={(share) => share.plan_id}
              />
            </Card>
            <Help words={['Companies', 'At the end of a month']} />
          </Stack>
        )
      }
    </Loaded>
  )
}

const COLUMNS: Column<Share>[] = [
  { key: 'plan', header: 'Plan', names: true, cell: ({ plan }) => plan },
  ...STATUSES.map(({ name, label }) => ({
    key: name,
    header: label,
    align: 'end' as const,
    cell: (share: Share) => count(share[name]),
  })),
]

function Distribution({ plans }: { plans: Share[] }) {
  const all = plans.reduce((sum, { companies }) => sum + companies, 0)
  const shown = plans.filter(({ companies }) => companies > 0)
  return (
    <ChartCard
      title="How are the companies distributed over plans?"
      note="On trial, active or suspended."
      height={HEIGHT}
      table={{
        head: ['Plan', 'Companies', 'Share'],
        rows: plans.map(({ plan, companies }) => [
          plan,
          count(companies),
          percent(companies, all) ?? '–',
        ]),
      }}
    >
      <Donut
        label="Companies by plan"
        height={HEIGHT}
        chartLabel={plural(all, 'company', 'companies')}
        data={shown.map(({ plan, companies }, place) => ({
          name: plan,
          value: companies,
          color: COLORS[place % COLORS.length] ?? 'gray.6',
        }))}
      />
    </ChartCard>
  )
}
