// What the company may use, and where each value comes from: its plan, or an agreement of its own.
import { Card, Group, Skeleton, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useZone } from '~/api/me'
import type { CompanyDetail, Overrides } from '~/api/types'
import { type Column, DataTable } from '~/components/data-table'
import { ButtonLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { Pill } from '~/components/pill'
import { count } from '~/lib/format'
import { formatDateTime } from '~/lib/time'
import { FEATURE_NAMES, FEATURES, LIMITS } from '../plans/terms'
import { overridesQuery } from './queries'

type Line = { key: string; label: string; value: string; plan: string; own: boolean }

const yes = (included: boolean) => (included ? 'Included' : 'Not included')

export const linesOf = (overrides: Overrides): Line[] => [
  ...LIMITS.map(({ name, label }) => {
    const { value, plan_value, source } = overrides[name]
    const own = source === 'override'
    return { key: name, label, value: count(value), plan: count(plan_value), own }
  }),
  ...FEATURE_NAMES.map((name) => {
    const { value, plan_value, source } = overrides[name]
    const own = source === 'override'
    return { key: name, label: FEATURES[name].label, value: yes(value), plan: yes(plan_value), own }
  }),
]

export function OverridesCard({ detail }: { detail: CompanyDetail }) {
  const overrides = useQuery(overridesQuery(detail.id))
  return (
    <Card p={0} component="section" aria-label="Limits and features">
      <Group justify="space-between" align="flex-start" px="md" pt="lg" pb="sm">
        <Title order={2} size="h5">
          Limits and features
        </Title>
        <ButtonLink
          size="xs"
          variant="default"
          to="/owner/company/$companyId/overrides"
          params={{ companyId: detail.id }}
          search={true}
        >
          Agree otherwise
        </ButtonLink>
      </Group>
      <Loaded query={overrides} skeleton={<Skeleton h={240} m="md" w="auto" />}>
        {(loaded) => (
          <>
            <DataTable
              caption="Limits and features"
              columns={COLUMNS}
              rows={linesOf(loaded)}
              rowKey={({ key }) => key}
            />
            <Why overrides={loaded} />
          </>
        )}
      </Loaded>
    </Card>
  )
}

const COLUMNS: Column<Line>[] = [
  { key: 'what', header: 'What', names: true, cell: ({ label }) => label },
  { key: 'value', header: 'In force', align: 'end', cell: ({ value }) => value },
  {
    key: 'source',
    header: 'From',
    cell: ({ own, plan }) =>
      own ? (
        <Group gap="xs">
          <Pill tone="info">Own agreement</Pill>
          <Text span size="xs" c="dimmed">
            plan: {plan}
          </Text>
        </Group>
      ) : (
        <Pill tone="off">Plan</Pill>
      ),
  },
]

function Why({ overrides }: { overrides: Overrides }) {
  const zone = useZone()
  if (!overrides.reason || !overrides.updated_at) return null
  return (
    <Text size="sm" c="dimmed" p="md">
      {overrides.changed_by}, {formatDateTime(overrides.updated_at, zone)}: {overrides.reason}
    </Text>
  )
}
