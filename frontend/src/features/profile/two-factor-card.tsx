// Two-factor: on or off, set up with an authenticator app, recovery codes.
import { Button, Card, Group, Skeleton, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useZone } from '~/api/me'
import { twoFactorQuery } from '~/components/code-field'
import { Loaded } from '~/components/loaded'
import { Pill } from '~/components/pill'
import { plural } from '~/lib/format'
import { formatDate } from '~/lib/time'

const SetUpDialog = lazy(() => import('./set-up-dialog'))
const AgainDialog = lazy(() => import('./again-dialog'))

export function TwoFactorCard() {
  const twoFactor = useQuery(twoFactorQuery)
  const zone = useZone()
  const [open, setOpen] = useState<'set-up' | 'codes' | 'end'>()
  const close = () => setOpen(undefined)
  return (
    <Card component="section" aria-label="Two-factor">
      <Group gap="xs">
        <Title order={2} size="h5">
          Two-factor
        </Title>
        {twoFactor.data?.enabled && <Pill tone="good">On</Pill>}
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        Signing in asks for a code of an app on your phone, so that a stolen password is not enough.
      </Text>
      <Loaded query={twoFactor} skeleton={<Skeleton h={36} w={180} />}>
        {({ enabled, enabled_at, recovery_codes_left }) =>
          enabled ? (
            <>
              <Text size="sm" mb="sm">
                {enabled_at && `Since ${formatDate(enabled_at, zone)}. `}
                {plural(recovery_codes_left, 'recovery code')} left.
              </Text>
              <Group>
                <Button variant="default" onClick={() => setOpen('codes')}>
                  New recovery codes
                </Button>
                <Button variant="default" onClick={() => setOpen('end')}>
                  Switch off
                </Button>
              </Group>
            </>
          ) : (
            <Button onClick={() => setOpen('set-up')}>Set up two-factor</Button>
          )
        }
      </Loaded>
      <Suspense>
        {open === 'set-up' && <SetUpDialog onClose={close} />}
        {(open === 'codes' || open === 'end') && <AgainDialog what={open} onClose={close} />}
      </Suspense>
    </Card>
  )
}
