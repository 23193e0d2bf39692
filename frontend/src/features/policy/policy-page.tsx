// The monitoring policy: everybody reads and acknowledges the one in force; admins publish versions and see who has.
import { Alert, Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { FileText } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { asAppError } from '~/api/errors'
import { useMe, useZone } from '~/api/me'
import type { MyPolicy } from '~/api/types'
import { Empty } from '~/components/empty'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { myPolicyQuery, useAcknowledgePolicy } from '~/components/policy/queries'
import { kindsInWords } from '~/components/policy/words'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { formatDateTime } from '~/lib/time'

const Admins = lazy(() => import('./admins'))
const Markdown = lazy(() => import('~/components/markdown'))

export function PolicyPage() {
  const isAdmin = useMe().role === 'ADMIN'
  const mine = useQuery(myPolicyQuery)
  return (
    <Page
      title="Monitoring policy"
      purpose={
        isAdmin
          ? 'What you tell your people of the recording, in versions that never change, and who has acknowledged them.'
          : 'What your company tells you of the recording. You acknowledge each version here or with the agent.'
      }
    >
      {isAdmin && (
        <Suspense fallback={<Skeleton h={240} radius="lg" />}>
          <Admins />
        </Suspense>
      )}
      <Loaded query={mine} skeleton={<Skeleton h={320} radius="lg" maw={760} />}>
        {({ policy }) => {
          if (policy) return <Mine policy={policy} />
          // An admin is told so above.
          if (isAdmin) return null
          return (
            <Card maw={760}>
              <Empty icon={FileText} title="Your company has published no policy">
                Nothing needs to be acknowledged. What is recorded is said on “My day”.
              </Empty>
            </Card>
          )
        }}
      </Loaded>
    </Page>
  )
}

function Mine({ policy }: { policy: MyPolicy }) {
  const zone = useZone()
  const readOnly = whyReadOnly(useMe())
  const acknowledge = useAcknowledgePolicy()
  const { version, title, text, kinds, published_at, acknowledged_at, via } = policy
  const stale =
    acknowledge.error && asAppError(acknowledge.error).code === 'policy_version_not_current'
  return (
    <Card
      component="article"
      aria-label="The policy in force"
      maw={760}
      p={{ base: 'md', sm: 'xl' }}
    >
      <Stack gap="md">
        <div>
          <Title order={2} size="h4">
            {title}
          </Title>
          <Text size="sm" c="dimmed">
            Version {version}, in force since {formatDateTime(published_at, zone)}
          </Text>
        </div>
        <Suspense fallback={<Skeleton h={160} />}>
          <Markdown below={2} text={text} />
        </Suspense>
        {stale && (
          <Alert
            role="alert"
            color="yellow"
            title="Another version was published meanwhile"
            styles={{ title: { color: 'var(--mantine-color-text)' } }}
          >
            This is the new one: read it, then acknowledge it.
          </Alert>
        )}
        <FormProblem error={stale ? undefined : acknowledge.error} />
        {acknowledged_at ? (
          <Text size="sm">
            You acknowledged it at {formatDateTime(acknowledged_at, zone)},{' '}
            {via === 'agent' ? 'with the agent' : 'in the portal'}.
          </Text>
        ) : (
          <Group justify="space-between" align="center">
            <Text size="sm" maw={440}>
              {kinds.length > 0
                ? `Until you acknowledge it these are not recorded of you: ${kindsInWords(kinds)}. What is recorded before stays out for good.`
                : 'You say by it that you have read it. Nothing depends on it.'}
            </Text>
            <WithReason reason={readOnly}>
              {(blocked) => (
                <Button
                  loading={acknowledge.isPending}
                  onClick={() =>
                    acknowledge.mutate(version, {
                      onSuccess: () =>
                        notifications.show({ message: `Version ${version} is acknowledged.` }),
                    })
                  }
                  {...blocked}
                >
                  I have read it
                </Button>
              )}
            </WithReason>
          </Group>
        )}
      </Stack>
    </Card>
  )
}
