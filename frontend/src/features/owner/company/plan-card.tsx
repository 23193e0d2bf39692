// What the company pays for.
import { Alert, Card, Group, Progress, Stack, Text, Title } from '@mantine/core'
import { CalendarClock } from 'lucide-react'
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
      <Text size="sm" mt="xs">
        {endOf(detail, zone)}
      </Text>
      <Stack gap="sm" mt="md">
        <Limit
          label="Employees"
          part={detail.employees_active}
          whole={detail.max_employees}
          show={count}
        />
        <Limit
          label="Storage"
          part={detail.storage_bytes}
          whole={detail.max_storage_bytes}
          show={bytes}
        />
      </Stack>
      <Planned detail={detail} />
    </Card>
  )
}

function endOf(detail: CompanyDetail, zone: string): string {
  const { status, trial_ends_at, expires_at } = detail
  if (status === 'TRIAL' && trial_ends_at)
    return `On trial until ${formatDate(trial_ends_at, zone)}: nothing is paid.`
  if (status === 'CANCELLED') return 'Cancelled: nothing is paid.'
  if (!expires_at) return status === 'ACTIVE' ? 'Without an end, until it is renewed.' : ''
  return new Date(expires_at) > new Date()
    ? `Paid until ${formatDate(expires_at, zone)}.`
    : `Was paid until ${formatDate(expires_at, zone)}.`
}

type LimitProps = { label: string; part: number; whole: number; show: (value: number) => string }

function Limit({ label, part, whole, show }: LimitProps) {
  const share = whole > 0 ? (part / whole) * 100 : 0
  const color = share > 100 ? 'red' : share >= 80 ? 'yellow' : 'indigo'
  return (
    <div>
      <Group justify="space-between" gap="xs">
        <Text size="sm">{label}</Text>
        <Text size="sm" className="numbers">
          {show(part)} of {show(whole)}
          {share > 100 && ', more than the limit'}
        </Text>
      </Group>
      <Progress
        value={Math.min(100, share)}
        mt={4}
        color={color}
        aria-label={`${label} of the limit`}
      />
    </div>
  )
}

/** What is to come, for as long as it can be taken back. */
function Planned({ detail }: { detail: CompanyDetail }) {
  const zone = useZone()
  const planned = detail.planned_change
  if (!planned) return null
  return (
    <Alert
      mt="md"
      color="indigo"
      icon={<CalendarClock size={20} aria-hidden />}
      title={`${planned.plan} from ${formatDate(planned.effective_at, zone)} on`}
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      <Text size="sm">
        {money(planned.price_minor, planned.currency)} a {planned.period}, planned by{' '}
        {planned.planned_by}
        {planned.reason && `: ${planned.reason}`}
      </Text>
      <ButtonLink
        mt="xs"
        size="xs"
        variant="default"
        to="/owner/company/$companyId/withdraw-change"
        params={{ companyId: detail.id }}
        search={true}
      >
        Withdraw
      </ButtonLink>
    </Alert>
  )
}
