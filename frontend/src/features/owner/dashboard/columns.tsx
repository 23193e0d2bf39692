// Columns of the companies' table.
import { Progress, Text } from '@mantine/core'
import type { Company } from '~/api/types'
import { type Column, TwoLines } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { CompanyPill } from '~/components/pill'
import { bytes, count, minutesAsHours } from '~/lib/format'
import { ago, formatDate } from '~/lib/time'
import c from './columns.module.css'

export function companyColumns(zone: string): Column<Company>[] {
  return [
    {
      key: 'name',
      header: 'Company',
      sort: 'name',
      names: true,
      cell: (company) => (
        <TwoLines
          first={
            <AnchorLink
              to="/owner/company/$companyId"
              params={{ companyId: company.id }}
              fz="sm"
              fw={600}
              c="var(--mantine-color-text)"
            >
              {company.name}
            </AnchorLink>
          }
          second={company.slug}
        />
      ),
    },
    {
      key: 'status',
      header: 'Status',
      sort: 'status',
      cell: (company) => <CompanyPill status={company.status} />,
    },
    { key: 'plan', header: 'Plan', sort: 'plan', cell: (company) => company.plan },
    {
      key: 'employees',
      header: 'Employees',
      sort: 'employees_active',
      first: 'desc',
      align: 'end',
      cell: (company) => (
        <Filled
          text={`${count(company.employees_active)} / ${count(company.max_employees)}`}
          part={company.employees_active}
          whole={company.max_employees}
          name={`${company.name}: employees of the plan's limit`}
        />
      ),
    },
    {
      key: 'minutes',
      header: 'Active time',
      sort: 'active_minutes_30d',
      first: 'desc',
      align: 'end',
      cell: (company) => minutesAsHours(company.active_minutes_30d),
    },
    {
      key: 'screenshots',
      header: 'Screenshots',
      sort: 'screenshots_30d',
      first: 'desc',
      align: 'end',
      cell: (company) => count(company.screenshots_30d),
    },
    {
      key: 'storage',
      header: 'Storage',
      sort: 'storage_bytes',
      first: 'desc',
      align: 'end',
      cell: (company) => (
        <Filled
          text={bytes(company.storage_bytes)}
          part={company.storage_bytes}
          whole={company.max_storage_bytes}
          name={`${company.name}: storage of the plan's limit`}
        />
      ),
    },
    {
      key: 'sync',
      header: 'Last sync',
      sort: 'last_sync_at',
      first: 'desc',
      align: 'end',
      capital: true,
      cell: (company) =>
        company.last_sync_at ? (
          <Text span size="sm" title={formatDate(company.last_sync_at, zone)}>
            {ago(company.last_sync_at)}
          </Text>
        ) : (
          'Never'
        ),
    },
  ]
}

function Filled({
  text,
  part,
  whole,
  name,
}: {
  text: string
  part: number
  whole: number
  name: string
}) {
  const share = whole > 0 ? Math.min(100, (part / whole) * 100) : 0
  return (
    <div className={c.filled}>
      {text}
      <Progress
        value={share}
        size={4}
        mt={4}
        aria-label={name}
        color={share >= 100 ? 'red' : share >= 80 ? 'yellow' : 'indigo'}
      />
    </div>
  )
}
