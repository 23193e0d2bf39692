// What a change of a plan would do, before it is saved: who would exceed it, who would lose something, what it brings.
import { Button, List, Stack, Text, Title } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import type { PlanSimulation } from '~/api/types'
import { BarList } from '~/components/bar-list'
import { type Column, DataTable } from '~/components/data-table'
import { FormProblem } from '~/components/form-problem'
import { AnchorLink } from '~/components/links'
import { bytes, count, money, plural } from '~/lib/format'
import { FEATURES } from './terms'

type Props = {
  simulate: Pick<UseMutationResult<PlanSimulation, Error, unknown>, 'data' | 'error' | 'isPending'>
  onAsk: () => void
}

export function Simulation({ simulate, onAsk }: Props) {
  return (
    <Stack gap="sm" component="section" aria-label="What this would do">
      <Button variant="default" onClick={onAsk} loading={simulate.isPending}>
        Show what this would do
      </Button>
      <FormProblem error={simulate.error} />
      <div role="status">{simulate.data && <Result told={simulate.data} />}</div>
    </Stack>
  )
}

function Result({ told }: { told: PlanSimulation }) {
  const more = told.exceeding_count - told.exceeding.length
  return (
    <Stack gap="sm">
      <Text size="sm" fw={600}>
        {told.exceeding_count === 0
          ? `${plural(told.companies, 'company', 'companies')} on the plan, none beyond these limits.`
          : `${count(told.exceeding_count)} of ${plural(told.companies, 'company', 'companies')} would be beyond these limits.`}
      </Text>
      {told.exceeding.length > 0 && (
        <DataTable
          caption="Companies beyond the new limits"
          columns={COLUMNS}
          rows={told.exceeding}
          rowKey={({ id }) => id}
        />
      )}
      {more > 0 && <Text size="sm">And {count(more)} more.</Text>}
      {told.losing.length > 0 && (
        <List size="sm">
          {told.losing.map(({ feature, companies }) => (
            <List.Item key={feature}>
              {plural(companies, 'company loses', 'companies lose')}{' '}
              {feature in FEATURES ? FEATURES[feature as keyof typeof FEATURES].label : feature}.
            </List.Item>
          ))}
        </List>
      )}
      <Revenue rows={told.mrr} />
    </Stack>
  )
}

const COLUMNS: Column<PlanSimulation['exceeding'][number]>[] = [
  {
    key: 'name',
    header: 'Company',
    names: true,
    cell: ({ id, name }) => (
      <AnchorLink to="/owner/company/$companyId" params={{ companyId: id }} target="_blank">
        {name}
      </AnchorLink>
    ),
  },
  {
    key: 'employees',
    header: 'Employees',
    align: 'end',
    cell: (row) => `${count(row.employees_active)} of ${count(row.max_employees)}`,
  },
  {
    key: 'storage',
    header: 'Storage',
    align: 'end',
    cell: (row) => `${bytes(row.storage_bytes)} of ${bytes(row.max_storage_bytes)}`,
  },
  { key: 'today', header: 'Already today', cell: (row) => (row.exceeds_today ? 'Yes' : 'No') },
]

function Revenue({ rows }: { rows: PlanSimulation['mrr'] }) {
  if (rows.length === 0) return <Text size="sm">No active company pays for it.</Text>
  return (
    <>
      <Title order={3} size="h6">
        What active companies pay a month
      </Title>
      {rows.map(({ currency, companies, now_minor, then_minor }) => (
        <BarList
          key={currency}
          caption={`Monthly revenue in ${currency}`}
          head={[`${currency}, ${plural(companies, 'company', 'companies')}`, 'A month']}
          items={[
            { key: 'now', name: 'As agreed', value: now_minor, text: money(now_minor, currency) },
            {
              key: 'then',
              name: 'Once all have come to these prices',
              value: then_minor,
              text: money(then_minor, currency),
            },
          ]}
        />
      ))}
    </>
  )
}
