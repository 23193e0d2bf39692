// What is in force for one person, where each value comes from, and what is theirs alone.
import { Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useMe } from '~/api/me'
import { Loaded } from '~/components/loaded'
import { InForce } from '~/components/own-settings/in-force'
import { inForceQuery } from '~/components/own-settings/queries'
import { WithReason } from '~/components/with-reason'
import { whyNotChangePeople } from '~/lib/can'

const OwnSettingsDialog = lazy(() => import('~/components/own-settings/dialog'))

export default function SettingsTab({ id, name }: { id: string; name: string }) {
  const subject = { kind: 'person' as const, id, name }
  const settings = useQuery(inForceQuery(subject))
  const readOnly = whyNotChangePeople(useMe())
  const [changing, change] = useState(false)
  return (
    <Card p={0} component="section" aria-label="Settings in force">
      <Group p="md" justify="space-between" align="flex-start">
        <Stack gap={2}>
          <Title order={2} size="h5">
            Settings in force
          </Title>
          <Text size="sm" c="dimmed">
            What this person’s agent is told and the server keeps to, and where each value comes
            from.
          </Text>
        </Stack>
        <WithReason reason={readOnly}>
          {(blocked) => (
            <Button variant="default" onClick={() => change(true)} {...blocked}>
              Change for this person
            </Button>
          )}
        </WithReason>
      </Group>
      <Loaded query={settings} skeleton={<Skeleton h={320} m="md" w="auto" />}>
        {(values) => <InForce values={values} />}
      </Loaded>
      {changing && (
        <Suspense fallback={null}>
          <OwnSettingsDialog subject={subject} onClose={() => change(false)} />
        </Suspense>
      )}
    </Card>
  )
}
