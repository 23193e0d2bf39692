// Two-factor: on or off, set up with an authenticator app, recovery codes.
import { Button, Card, Group, Skeleton, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useMe, useZone } from '~/api/me'
import type { Me } from '~/api/types'
import { twoFactorQuery } from '~/components/code-field'
import { Loaded } from '~/components/loaded'
import { Pill } from '~/components/pill'
import { WithReason } from '~/components/with-reason'
import { plural } from '~/lib/format'
import { formatDate } from '~/lib/time'

const SetUpDialog = lazy(() => import('./set-up-dialog'))
const AgainDialog = lazy(() => import('./again-dialog'))

export function TwoFactorCard() {
  const twoFactor = useQuery(twoFactorQuery)
  const zone = useZone()
  const me = useMe()
  const [open, setOpen] = useState<'set-up' | 'move' | 'codes' | 'end'>()
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
        {({ enabled, enabled_at, required, recovery_codes_left }) =>
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
                <Button variant="default" onClick={() => setOpen('move')}>
                  Move to another app
                </Button>
                <WithReason reason={required ? whyRequired(me) : undefined}>
                  {(blocked) => (
                    <Button variant="default" onClick={() => setOpen('end')} {...blocked}>
                      Switch off
                    </Button>
                  )}
                </WithReason>
              </Group>
            </>
          ) : (
            <Group>
              <Button onClick={() => setOpen('set-up')}>Set up two-factor</Button>
            </Group>
          )
        }
      </Loaded>
      <Suspense>
        {(open === 'set-up' || open === 'move') && (
          <SetUpDialog moves={open === 'move'} onClose={close} />
        )}
        {(open === 'codes' || open === 'end') && <AgainDialog what={open} onClose={close} />}
      </Suspense>
    </Card>
  )
}

function whyRequired(me: Me): string {
  return `${me.company ? 'Your company asks for it' : 'Owners must have it on'}: it can be moved to another app, not switched off.`
}
