// Columns of the table of plans.
import { Button, Group, Text } from '@mantine/core'
import type { Plan } from '~/api/types'
import type { Column } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { Pill } from '~/components/pill'
import { count, money, plural } from '~/lib/format'
import { FEATURE_NAMES, FEATURES } from './terms'

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
      key: 'limits',
      header: 'Up to',
      cell: (plan) => (
        <>
          <Text size="sm">{plural(plan.max_employees, 'employee')}</Text>
          <Text size="sm">{count(plan.max_storage_gb)} GB</Text>
        </>
      ),
    },
    {
      key: 'days',
      header: 'For',
      cell: (plan) => (
        <>
          <Text size="sm">{plural(plan.retention_days, 'day')} kept</Text>
          <Text size="sm">{plural(plan.history_days, 'day')} in reports</Text>
        </>
      ),
    },
    {
      key: 'features',
      header: 'Included',
      cell: ({ features }) =>
        FEATURE_NAMES.filter((name) => features[name])
          .map((name) => FEATURES[name].label)
          .join(', ') || 'Nothing extra',
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
