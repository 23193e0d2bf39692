// Columns of the table of plans.
import { Button, Group, Text } from '@mantine/core'
import type { Plan } from '~/api/types'
import type { Column } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { Pill } from '~/components/pill'
import { count, money } from '~/lib/format'

type Options = { onEdit: (plan: Plan) => void; onArchive: (plan: Plan) => void }

export function planColumns({ onEdit, onArchive }: Options): Column<Plan>[] {
  return [
    {
      key: 'name',
      header: 'Plan',
      names: true,
      cell: ({ name, archived_at }) => (
        <Group gap="xs">
          <Text fw={600} size="sm">
            {name}
          </Text>
          {archived_at && <Pill tone="off">Archived</Pill>}
        </Group>
      ),
    },
    {
      key: 'prices',
      header: 'Prices',
      cell: ({ prices }) =>
        prices.map(({ currency, period, price_minor }) => (
          <Text key={`${currency} ${period}`} size="sm" className="numbers" truncate>
            {money(price_minor, currency)} a {period}
          </Text>
        )),
    },
    {
      key: 'employees',
      header: 'Employees',
      align: 'end',
      cell: (plan) => count(plan.max_employees),
    },
    {
      key: 'storage',
      header: 'Storage',
      align: 'end',
      cell: (plan) => `${count(plan.max_storage_gb)} GB`,
    },
    {
      key: 'days',
      header: 'Kept, in reports',
      align: 'end',
      cell: (plan) => `${count(plan.retention_days)} d, ${count(plan.history_days)} d`,
    },
    {
      key: 'companies',
      header: 'Companies',
      align: 'end',
      cell: (plan) =>
        plan.companies === 0 ? (
          '0'
        ) : (
          <AnchorLink
            to="/owner/dashboard"
            search={{ plan: plan.name }}
            underline="always"
            aria-label={`${count(plan.companies)} companies on ${plan.name}`}
          >
            {count(plan.companies)}
          </AnchorLink>
        ),
    },
    {
      key: 'actions',
      header: 'Actions',
      bare: true,
      align: 'end',
      cell: (plan) => (
        <Group gap="xs" justify="flex-end" wrap="nowrap">
          <Button
            variant="default"
            size="xs"
            aria-label={`Edit ${plan.name}`}
            onClick={() => onEdit(plan)}
          >
            Edit
          </Button>
          <Button
            variant="default"
            size="xs"
            aria-label={`${plan.archived_at ? 'Bring back' : 'Archive'} ${plan.name}`}
            onClick={() => onArchive(plan)}
          >
            {plan.archived_at ? 'Bring back' : 'Archive'}
          </Button>
        </Group>
      ),
    },
  ]
}
