// How the service grows: companies, what they pay, and how much they do.
import { Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { GrowthReport } from '~/api/types'
import { ChartCard } from '~/components/charts/chart-card'
import { Bars, Lines } from '~/components/charts/lazy-bars'
import { Loaded } from '~/components/loaded'
import { compact, count, minorDigits, minutesAsHours, money } from '~/lib/format'
import { Help } from './help'
import { formatMonth, rangeOf } from './months'
import { Nobody } from './nobody'
import { growthQuery } from './queries'

type Months = GrowthReport['months']
const route = getRouteApi('/_app/owner/reports')
const HEIGHT = 260
const COLORS = ['indigo.5', 'teal.6', 'orange.6', 'violet.5', 'cyan.6', 'pink.6']

export function GrowthTab() {
  const range = rangeOf(route.useSearch())
  const report = useQuery(growthQuery(range))
  return (
    <Loaded query={report} skeleton={<Skeleton h={560} radius="lg" />}>
      {({ months }) =>
        months.every(({ companies }) => companies === 0) ? (
          <Nobody title="No company in these months">
            Choose other months, or make the first company.
          </Nobody>
        ) : (
          <Stack gap="lg">
            <Companies months={months} />
            {currenciesOf(months).map((currency, place) => (
              <Mrr key={currency} months={months} currency={currency} place={place} />
            ))}
            <Work months={months} />
            <Help
              words={[
                'Companies',
                'Started',
                'Paying',
                'MRR',
                'People at work',
                'Several currencies',
              ]}
            />
          </Stack>
        )
      }
    </Loaded>
  )
}

const currenciesOf = (months: Months) =>
  [...new Set(months.flatMap(({ mrr }) => mrr.map(({ currency }) => currency)))].toSorted()

function Companies({ months }: { months: Months }) {
  return (
    <ChartCard
      title="How many companies are there, and how many pay?"
      note="At the end of each month."
      height={HEIGHT}
      table={{
        head: ['Month', 'Companies', 'Paying', 'Started'],
        rows: months
          .toReversed()
          .map((one) => [
            formatMonth(one.month),
            count(one.companies),
            count(one.paying_companies),
            count(one.started_companies),
          ]),
      }}
    >
      <Lines
        label="Companies by month"
        height={HEIGHT}
        data={months.map(({ month, companies, paying_companies, started_companies }) => ({
          month: formatMonth(month, 'chart'),
          companies,
          paying_companies,
          started_companies,
        }))}
        dataKey="month"
        series={[
          { name: 'companies', label: 'Companies', color: 'indigo.5' },
          { name: 'paying_companies', label: 'Paying', color: 'teal.6' },
          { name: 'started_companies', label: 'Started', color: 'orange.6' },
        ]}
        valueFormatter={count}
      />
    </ChartCard>
  )
}

function Mrr({ months, currency, place }: { months: Months; currency: string; place: number }) {
  const of = ({ mrr }: Months[number]) =>
    mrr.find((amount) => amount.currency === currency)?.mrr_minor ?? 0
  const unit = 10 ** minorDigits(currency)
  return (
    <ChartCard
      title={`How much is paid a month in ${currency}?`}
      note="MRR at the end of each month."
      height={HEIGHT}
      table={{
        head: ['Month', `MRR in ${currency}`],
        rows: months.toReversed().map((one) => [formatMonth(one.month), money(of(one), currency)]),
      }}
    >
      <Lines
        label={`MRR in ${currency} by month`}
        height={HEIGHT}
        data={months.map((one) => ({
          month: formatMonth(one.month, 'chart'),
          mrr: of(one) / unit,
        }))}
        dataKey="month"
        series={[{ name: 'mrr', label: 'MRR', color: COLORS[place % COLORS.length] ?? 'indigo.5' }]}
        valueFormatter={(value) => money(Math.round(value * unit), currency)}
        tick={compact}
      />
    </ChartCard>
  )
}

function Work({ months }: { months: Months }) {
  return (
    <ChartCard
      title="How much time is tracked?"
      note="Active time of all companies, by month."
      height={HEIGHT}
      table={{
        head: ['Month', 'Active time', 'People at work'],
        rows: months
          .toReversed()
          .map((one) => [
            formatMonth(one.month),
            minutesAsHours(one.active_minutes),
            count(one.active_employees),
          ]),
      }}
    >
      <Bars
        label="Active time by month"
        height={HEIGHT}
        data={months.map((one) => ({
          month: formatMonth(one.month, 'chart'),
          hours: one.active_minutes / 60,
        }))}
        dataKey="month"
        series={[{ name: 'hours', label: 'Active time', color: 'var(--tracker-bar)' }]}
        valueFormatter={(hours) => minutesAsHours(Math.round(hours * 60))}
        tick={(hours) => `${compact(hours)} h`}
      />
    </ChartCard>
  )
}
