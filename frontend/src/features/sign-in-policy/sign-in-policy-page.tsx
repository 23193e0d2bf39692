// How the company's people sign in: whether two-factor is asked of everybody.
import { Button, Card, Group, Progress, Skeleton, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useMe } from '~/api/me'
import { twoFactorQuery } from '~/components/code-field'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { Pill } from '~/components/pill'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { signInPolicyQuery } from './queries'

/** Else the first whom it stops is the one who could take it back. */
const LACKS = 'Set two-factor up for yourself first.'

const ChangeDialog = lazy(() => import('./change-dialog'))

export function SignInPolicyPage() {
  const policy = useQuery(signInPolicyQuery)
  const own = useQuery(twoFactorQuery)
  const readOnly = whyReadOnly(useMe())
  const [asking, setAsking] = useState<boolean>()
  const lacks = own.data && !own.data.enabled
  return (
    <Page title="Sign-in" purpose="What the company asks of its people when they sign in.">
      <Card component="section" aria-label="Two-factor for everybody">
        <Loaded query={policy} skeleton={<Skeleton h={120} />}>
          {({ two_factor_required: required, people, people_with_two_factor: have }) => (
            <>
              <Group gap="xs">
                <Title order={2} size="h5">
                  Two-factor for everybody
                </Title>
                {required && <Pill tone="good">Required</Pill>}
              </Group>
              <Text size="sm" c="dimmed" mb="sm" maw={640}>
                {required
                  ? 'Whoever has not set it up can do nothing else in this portal until they have. Desktop agents and API tokens go on.'
                  : 'Each person decides. Once it is required, whoever has not set it up is led there first. Desktop agents and API tokens go on.'}
              </Text>
              <Text size="sm" mb={4}>
                {have} of {people} have it on.
              </Text>
              <Progress
                value={people ? (100 * have) / people : 0}
                mb="md"
                maw={420}
                aria-label="People with two-factor"
              />
              <Group>
                <WithReason reason={readOnly ?? (required || !lacks ? undefined : LACKS)}>
                  {(blocked) => (
                    <Button
                      variant={required ? 'default' : 'filled'}
                      onClick={() => setAsking(!required)}
                      {...blocked}
                    >
                      {required ? 'Leave it to each person' : 'Require two-factor'}
                    </Button>
                  )}
                </WithReason>
                {!readOnly && !required && lacks && (
                  <AnchorLink to="/profile" fz="sm">
                    Set it up in your profile
                  </AnchorLink>
                )}
              </Group>
            </>
          )}
        </Loaded>
      </Card>
      <Suspense>
        {asking !== undefined && (
          <ChangeDialog required={asking} onClose={() => setAsking(undefined)} />
        )}
      </Suspense>
    </Page>
  )
}
