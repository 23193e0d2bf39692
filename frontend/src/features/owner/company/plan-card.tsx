// What the company pays for.
import { Card, Group, Text, Title } from '@mantine/core'
import { useZone } from '~/api/me'
import type { CompanyDetail } from '~/api/types'
import { ButtonLink } from '~/components/links'
import { bytes, count, money } from '~/lib/format'
import { formatDate } from '~/lib/time'

export function PlanCard({ detail }: { detail: CompanyDetail }) {
  const zone = useZone()
  const { subscription } = detail
  return (
    <Card component="section" aria-label="Plan">
      <Group justify="space-between" align="flex-start">
        <Title order={2} size="h5">
          Plan
        </Title>
        <ButtonLink
          size="xs"
          variant="default"
          to="/owner/company/$companyId/change-plan"
          params={{ companyId: detail.id }}
          search={true}
        >
          Change plan
        </ButtonLink>
      </Group>
      <Text fz="xl" fw={650} mt="xs">
        {subscription.plan}
      </Text>
      <Text className="numbers">
        {money(subscription.price_minor, subscription.currency)} a {subscription.period} since{' '}
        {formatDate(subscription.starts_at, zone)}
      </Text>
      <Text size="sm" c="dimmed" mt="xs">
        Up to {count(detail.max_employees)} employees and {bytes(detail.max_storage_bytes)} of
        screenshots.
      </Text>
    </Card>
  )
}
