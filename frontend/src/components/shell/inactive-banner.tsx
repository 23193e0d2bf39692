// An admin of a suspended, expired or cancelled company still reads and exports: this says why nothing can be changed.
import { Alert, Text } from '@mantine/core'
import { PauseCircle } from 'lucide-react'
import { useMe } from '~/api/me'
import { formatDateTime } from '~/lib/time'
import { AnchorLink } from '../links'

const WORDS: Record<string, string> = {
  SUSPENDED: 'is suspended',
  EXPIRED: 'has an expired subscription',
  CANCELLED: 'is cancelled',
}

export function InactiveBanner() {
  const company = useMe().company
  if (!company) return null
  return (
    <Alert
      mb="lg"
      color="yellow"
      radius="lg"
      icon={<PauseCircle size={20} aria-hidden />}
      title={`${company.name} ${WORDS[company.status] ?? 'is inactive'}`}
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      <Text size="sm">
        {company.erased_from
          ? `Everything of it is erased on ${formatDateTime(company.erased_from, company.time_zone)}, unless your provider reactivates it before. Until then you can read and export, and change nothing.`
          : 'You can read and export everything, and change nothing. Agents keep what they record and send it when the company is active again. Your provider reactivates it.'}{' '}
        <AnchorLink to="/exports" search={{ create: true }} fz="sm" underline="always">
          Export everything
        </AnchorLink>
      </Text>
    </Alert>
  )
}
