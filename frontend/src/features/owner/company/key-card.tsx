// The company's key: which one, how old, who uses it; and while a replaced one still works, for how long and by whom.
import { Alert, Card, Code, Group, Text, Title } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useZone } from '~/api/me'
import type { CompanyDetail } from '~/api/types'
import { ButtonLink } from '~/components/links'
import { count, plural } from '~/lib/format'
import { ago, formatDate, formatDateTime } from '~/lib/time'
import c from './key-card.module.css'
import { companyQuery } from './queries'
import { remaining } from './remaining'

export function KeyCard({ detail: { id, key } }: { detail: CompanyDetail }) {
  const zone = useZone()
  const to = { params: { companyId: id }, search: true } as const
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
      <dl className={c.facts}>
        <dt>Made</dt>
        <dd>{formatDate(key.created_at, zone)}</dd>
        <dt>Last used</dt>
        <dd className="capital">{key.last_used_at ? ago(key.last_used_at) : 'never'}</dd>
        <dt>Devices on it</dt>
        <dd className="numbers">{count(key.devices)}</dd>
      </dl>
      {key.old_key_expires_at && (
        <OldKey id={id} ends={key.old_key_expires_at} devices={key.old_key_devices ?? 0} />
      )}
    </Card>
  )
}

type OldKeyProps = { id: string; ends: string; devices: number }

function OldKey({ id, ends, devices }: OldKeyProps) {
  const zone = useZone()
  const left = useLeft(id, ends)
  if (left <= 0) return null
  return (
    <Alert
      mt="md"
      color="yellow"
      icon={<KeyRound size={20} aria-hidden />}
      title={`The old key ends in ${remaining(left)}`}
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      <Text size="sm">
        It works until {formatDateTime(ends, zone)}.{' '}
        {devices === 0
          ? 'No device uses it any more.'
          : `${plural(devices, 'device still uses it', 'devices still use it')}.`}
      </Text>
      <ButtonLink
        mt="xs"
        size="xs"
        variant="default"
        to="/owner/company/$companyId/end-old-key"
        params={{ companyId: id }}
        search={true}
      >
        End the old key now
      </ButtonLink>
    </Alert>
  )
}

/** Milliseconds until then, counted down; when it is over the page asks how things are now. */
function useLeft(id: string, ends: string): number {
  const cache = useQueryClient()
  const end = Date.parse(ends)
  const [left, setLeft] = useState(() => end - Date.now())
  useEffect(() => {
    const tick = () => {
      const now = end - Date.now()
      setLeft(now)
      if (now <= 0) {
        clearInterval(timer)
        void cache.invalidateQueries({ queryKey: companyQuery(id).queryKey })
      }
    }
    const timer = setInterval(tick, 1000)
    return () => clearInterval(timer)
  }, [cache, id, end])
  return left
}
