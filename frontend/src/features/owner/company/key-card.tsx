// The company's key: which one, how old, who still uses the one before.
import { Card, Code, Group, Text, Title } from '@mantine/core'
import { useZone } from '~/api/me'
import type { CompanyDetail } from '~/api/types'
import { ButtonLink } from '~/components/links'
import { plural } from '~/lib/format'
import { ago, formatDate, formatDateTime } from '~/lib/time'

export function KeyCard({ detail: { id, key } }: { detail: CompanyDetail }) {
  const zone = useZone()
  const to = { params: { companyId: id }, search: true } as const
  const oldWorks = key.old_key_expires_at && new Date(key.old_key_expires_at) > new Date()
  return (
    <Card component="section" aria-label="Company key">
      <Group justify="space-between" align="flex-start">
        <Title order={2} size="h5">
          Company key
        </Title>
        <Group gap="xs">
          <ButtonLink size="xs" variant="default" to="/owner/company/$companyId/reveal-key" {...to}>
            Show key
          </ButtonLink>
          <ButtonLink size="xs" variant="default" to="/owner/company/$companyId/rotate-key" {...to}>
            New key
          </ButtonLink>
        </Group>
      </Group>
      <Code mt="xs" fz="md" className="numbers" style={{ alignSelf: 'flex-start' }}>
        {key.prefix}…
      </Code>
      <Text size="sm" mt="xs">
        {plural(key.devices, 'device')} on it, made {formatDate(key.created_at, zone)},{' '}
        {key.last_used_at ? `last used ${ago(key.last_used_at)}` : 'never used'}.
      </Text>
      {oldWorks && key.old_key_expires_at && (
        <Text size="sm" mt="xs" fw={550}>
          The old key works until {formatDateTime(key.old_key_expires_at, zone)}
          {typeof key.old_key_devices === 'number' &&
            `, ${plural(key.old_key_devices, 'device still uses it', 'devices still use it')}`}
          .
        </Text>
      )}
    </Card>
  )
}
