// How the business of running the service goes: companies, money, plans and use over months. Nothing here is about a person.
import { Group, NativeSelect, Tabs, Text } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { Page } from '~/components/page'
import { ExportReport } from './export-report'
import { GrowthTab } from './growth-tab'
import { formatMonth, lastMonths, MOST_MONTHS, monthsApart, rangeOf } from './months'
import { OverviewTab } from './overview-tab'
import { PlansTab } from './plans-tab'
import type { ReportName } from './queries'
import { RatesTab } from './rates-tab'
import { RevenueTab } from './revenue-tab'
import { TABS, type Tab } from './search'
import { UsageTab } from './usage-tab'

const route = getRouteApi('/_app/owner/reports')

const NAMES: Record<Tab, string> = {
  overview: 'Overview',
  revenue: 'Revenue',
  growth: 'Growth',
  plans: 'Plans',
  usage: 'Usage',
  rates: 'Exchange rates',
}

const PANELS: Record<Tab, ComponentType> = {
  overview: OverviewTab,
  revenue: RevenueTab,
  growth: GrowthTab,
  plans: PlansTab,
  usage: UsageTab,
  rates: RatesTab,
}

export function ReportsPage() {
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const Panel = PANELS[tab]
  return (
    <Page
      title="Reports"
      purpose="How the service does as a business, from subscriptions and published counts. Months are months of UTC."
    >
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const next = TABS.find((known) => known === value)
          if (next) void navigate({ search: (old) => ({ ...old, tab: next, rate: undefined }) })
        }}
      >
        <Tabs.List aria-label="Reports" mb="md">
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {NAMES[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tab !== 'rates' && <Controls tab={tab} />}
        <Tabs.Panel value={tab}>
          <Panel />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

function Controls({ tab }: { tab: ReportName }) {
  return (
    <Group justify="space-between" align="flex-end" mb="lg" gap="sm">
      {tab === 'usage' ? <Text c="dimmed">The last 30 days.</Text> : <Months tab={tab} />}
      <ExportReport key={tab} report={tab} />
    </Group>
  )
}

function Months({ tab }: { tab: ReportName }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { from, to } = rangeOf(search)
  const current = rangeOf({}).to
  const label = (value: string) => ({ value, label: formatMonth(value) })
  const last = lastMonths(current)
  return (
    <Group gap="sm" component="search">
      {/* Who has which plan is told of one moment. */}
      {tab !== 'plans' && (
        <NativeSelect
          label="From"
          value={from}
          data={lastMonths(to, MOST_MONTHS).map(label)}
          onChange={({ currentTarget: { value } }) =>
            void navigate({
              search: (old) => ({ ...old, from: value, to, step: undefined }),
              replace: true,
            })
          }
        />
      )}
      <NativeSelect
        label={tab === 'plans' ? 'At the end of' : 'To'}
        value={to}
        data={(last.includes(to) ? last : [...last, to]).map(label)}
        onChange={({ currentTarget: { value } }) => {
          const fits = from <= value && monthsApart(from, value) < MOST_MONTHS
          void navigate({
            search: (old) => ({
              ...old,
              to: value === current ? undefined : value,
              from: fits ? old.from : undefined,
              step: undefined,
            }),
            replace: true,
          })
        }}
      />
    </Group>
  )
}
