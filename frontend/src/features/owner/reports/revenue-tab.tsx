// What companies pay, how that came about, and who stays.
import { Alert, Group, NativeSelect, Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Banknote, CalendarRange, CircleAlert, Handshake } from 'lucide-react'
import type { RevenueReport } from '~/api/types'
import { ChartCard } from '~/components/charts/chart-card'
import { Bars, Lines, Waterfall } from '~/components/charts/lazy-bars'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { StatTile, StatTiles } from '~/components/stat-tile'
import { compact, count, minorDigits, money } from '~/lib/format'
import { formatDay } from '~/lib/time'
import { CohortsCard } from './cohorts-card'
import { Help } from './help'
import { type Shown, share, shownOf, wayOf } from './money-of'
import { formatMonth, rangeOf } from './months'
import { Nobody } from './nobody'
import { PlanRevenueCard } from './plan-revenue-card'
import { ratesQuery, revenueQuery } from './queries'

const route = getRouteApi('/_app/owner/reports')
const HEIGHT = 280

export function RevenueTab() {
  const search = route.useSearch()
  const report = useQuery(revenueQuery(rangeOf(search), search.in))
  return (
    <Loaded query={report} skeleton={<Skeleton h={640} radius="lg" />}>
      {(revenue) => {
        const shown = shownOf(revenue, search.money)
        if (!shown && revenue.trials.every(({ started }) => started === 0))
          return (
            <Nobody title="Nobody paid in these months">
              A company pays once it is active with a price.
            </Nobody>
          )
        return (
          <Stack gap="lg">
            <Currency revenue={revenue} shown={shown} />
            <Converted revenue={revenue} />
            {shown && <Money revenue={revenue} shown={shown} />}
            <Trials trials={revenue.trials} />
            {shown && <Churn revenue={revenue} shown={shown} />}
            <CohortsCard revenue={revenue} shown={shown} />
            <Help
              words={[
                'Paying',
                'MRR',
                'ARR',
                'New',
                'Reactivated',
                'Expansion and contraction',
                'Churned',
                'Revenue churn',
                'Logo churn',
                'Trial conversion',
                'Cohort',
                'At the end of a month',
                'Rounding',
                'Several currencies',
              ]}
            />
          </Stack>
        )
      }}
    </Loaded>
  )
}

type Parts = { revenue: RevenueReport; shown: Shown }

/** Which currency, when there are several or rates to tell them in one. */
function Currency({ revenue, shown }: { revenue: RevenueReport; shown: Shown | undefined }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const rates = useQuery(ratesQuery)
  const into = [...new Set(rates.data?.items.map(({ to_currency }) => to_currency) ?? [])]
  if (search.in && !into.includes(search.in)) into.push(search.in)
  const own = revenue.currencies.map(({ currency }) => ({ value: currency, label: currency }))
  if (own.length < 2 && into.length === 0) return null
  return (
    <Group>
      <NativeSelect
        label="Money in"
        value={search.in ? `in ${search.in}` : (shown?.currency ?? '')}
        data={[
          ...own,
          ...into.toSorted().map((currency) => ({
            value: `in ${currency}`,
            label: `All currencies, in ${currency}`,
          })),
        ]}
        onChange={({ currentTarget: { value } }) => {
          const all = value.startsWith('in ') ? value.slice(3) : undefined
          void navigate({
            search: (old) => ({ ...old, in: all, money: all ? undefined : value }),
            replace: true,
            resetScroll: false,
          })
        }}
      />
    </Group>
  )
}

/** At which rates, or why there is no total. */
function Converted({ revenue: { converted } }: { revenue: RevenueReport }) {
  if (!converted) return null
  const { currency, missing, rates } = converted
  const link = (
    <AnchorLink
      to="/owner/reports"
      search={{ tab: 'rates' }}
      underline="always"
      inherit
      c="var(--mantine-color-text)"
    >
      Exchange rates
    </AnchorLink>
  )
  if (missing.length > 0)
    return (
      <Alert
        color="yellow"
        variant="light"
        icon={<CircleAlert size={18} aria-hidden />}
        title={`There is no total in ${currency}`}
        styles={{ title: { color: 'var(--mantine-color-text)' } }}
      >
        No rate from {missing.join(', ')} holds on {formatDay(converted.rates_of)}. {link}
      </Alert>
    )
  return (
    <Alert variant="light" color="gray" title={`All currencies, told in ${currency}`}>
      At your rates of {formatDay(converted.rates_of)}, for every month
      {rates.length > 0 && ': '}
      {rates
        .map(
          (used) =>
            `1 ${used.from_currency} = ${used.rate} ${currency}, since ${formatDay(used.valid_from)}`,
        )
        .join('; ')}
      . {link}
    </Alert>
  )
}

function Money({ revenue, shown }: Parts) {
  const paying = shown.own?.paying_companies ?? revenue.logos.at(-1)?.end ?? 0
  return (
    <>
      <StatTiles>
        <StatTile
          icon={Banknote}
          label="MRR"
          value={money(shown.mrr, shown.currency)}
          hint={`At the end of ${formatMonth(revenue.to)}, or now`}
        />
        <StatTile
          icon={CalendarRange}
          label="ARR"
          value={money(shown.arr, shown.currency)}
          hint="Twelve times the exact MRR"
        />
        <StatTile
          icon={Handshake}
          label="Paying companies"
          value={count(paying)}
          hint={shown.own ? `In ${shown.currency}` : 'In all currencies'}
        />
      </StatTiles>
      <Steps shown={shown} />
      {shown.own && <PlanRevenueCard own={shown.own} />}
    </>
  )
}

function Steps({ shown: { months, currency } }: { shown: Shown }) {
  const { step } = route.useSearch()
  const navigate = route.useNavigate()
  const one = months.filter(({ month }) => month === step)
  const way = wayOf(one.length > 0 ? one : months)
  const unit = 10 ** minorDigits(currency)
  const amount = (minor: number) => money(minor, currency)
  return (
    <ChartCard
      title="How did MRR change?"
      note={way.map(({ name, minor }) => `${name} ${amount(minor)}`).join(' · ')}
      height={HEIGHT}
      controls={
        <NativeSelect
          size="xs"
          aria-label="Month"
          value={one[0]?.month ?? ''}
          data={[
            { value: '', label: 'All months' },
            ...months
              .toReversed()
              .map(({ month }) => ({ value: month, label: formatMonth(month) })),
          ]}
          onChange={({ currentTarget: { value } }) =>
            void navigate({
              search: (old) => ({ ...old, step: value || undefined }),
              replace: true,
              resetScroll: false,
            })
          }
        />
      }
      table={{
        head: [
          'Month',
          'Start',
          '+ New',
          '+ Reactivated',
          '+ Expansion',
          '− Contraction',
          '− Churned',
          '= End',
          'Revenue churn',
        ],
        rows: months
          .toReversed()
          .map((month) => [
            formatMonth(month.month),
            amount(month.start_minor),
            amount(month.new_minor),
            amount(month.reactivated_minor),
            amount(month.expansion_minor),
            amount(month.contraction_minor),
            amount(month.churned_minor),
            amount(month.end_minor),
            share(month.revenue_churn_bp),
          ]),
      }}
    >
      <Waterfall
        label={`Change of MRR in ${currency}`}
        height={HEIGHT}
        steps={way.map(({ name, minor, kind }) => ({ name, value: minor / unit, kind }))}
        tick={compact}
      />
    </ChartCard>
  )
}

function Trials({ trials }: { trials: RevenueReport['trials'] }) {
  return (
    <ChartCard
      title="How many trials came to pay?"
      note="By the month in which they began."
      height={HEIGHT}
      table={{
        head: ['Began in', 'Started', 'Converted', 'Open', 'Ended', 'Conversion'],
        rows: trials
          .toReversed()
          .map((one) => [
            formatMonth(one.month),
            count(one.started),
            count(one.converted),
            count(one.open),
            count(one.ended),
            share(one.conversion_bp),
          ]),
      }}
    >
      <Bars
        label="Trials by the month in which they began"
        height={HEIGHT}
        data={trials.map(({ month, converted, open, ended }) => ({
          month: formatMonth(month, 'chart'),
          converted,
          open,
          ended,
        }))}
        dataKey="month"
        series={[
          { name: 'converted', label: 'Converted', color: 'var(--tracker-active)' },
          { name: 'open', label: 'Open', color: 'var(--tracker-bar)' },
          { name: 'ended', label: 'Ended', color: 'gray.6' },
        ]}
        valueFormatter={count}
      />
    </ChartCard>
  )
}

function Churn({ revenue, shown }: Parts) {
  const logos = new Map(revenue.logos.map((one) => [one.month, one]))
  const per = (bp: number | undefined) => (bp === undefined ? null : bp / 100)
  return (
    <ChartCard
      title="How much is lost each month?"
      note={`Companies whatever their currency; revenue in ${shown.currency}.`}
      height={HEIGHT}
      table={{
        head: ['Month', 'Paid at the start', 'Stopped paying', 'Logo churn', 'Revenue churn'],
        rows: shown.months
          .toReversed()
          .map((one) => [
            formatMonth(one.month),
            count(logos.get(one.month)?.start ?? 0),
            count(logos.get(one.month)?.churned ?? 0),
            share(logos.get(one.month)?.logo_churn_bp),
            share(one.revenue_churn_bp),
          ]),
      }}
    >
      <Lines
        label="Churn by month, in per cent"
        height={HEIGHT}
        data={shown.months.map((one) => ({
          month: formatMonth(one.month, 'chart'),
          logos: per(logos.get(one.month)?.logo_churn_bp),
          revenue: per(one.revenue_churn_bp),
        }))}
        dataKey="month"
        series={[
          { name: 'logos', label: 'Logo churn', color: 'indigo.5' },
          { name: 'revenue', label: 'Revenue churn', color: 'orange.6' },
        ]}
        valueFormatter={(value) => `${value.toFixed(1)} %`}
        tick={(value) => `${value} %`}
      />
    </ChartCard>
  )
}
