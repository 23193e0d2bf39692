// The first steps of a new company, ticked off by what it has done. Each admin puts the list away for themselves.
import { Button, Card, Group, Progress, Skeleton, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Circle, CircleCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import { useMe } from '~/api/me'
import type { FirstSteps as Steps } from '~/api/types'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import c from './first-steps.module.css'
import { firstStepsQuery, usePutFirstSteps } from './queries'

type StepName = Steps['steps'][number]['name']

const WORDS: Record<StepName, ReactNode> = {
  settings_seen: (
    <>
      Look at what is recorded, and when, in the{' '}
      <AnchorLink to="/settings" inherit underline="always">
        settings
      </AnchorLink>
      .
    </>
  ),
  first_invitation: (
    <>
      <AnchorLink to="/employees" search={{ invite: true }} inherit underline="always">
        Invite
      </AnchorLink>{' '}
      the first people.
    </>
  ),
  key_revealed: 'Set agents up: show the company key below and copy the line for a new desk.',
  first_agent: 'The first agent signs in. This turns green by itself.',
  first_day: 'The first time is tracked, and shows up here within a minute.',
  first_report: (
    <>
      Take a first report with you: export a list from{' '}
      <AnchorLink to="/usage" inherit underline="always">
        usage
      </AnchorLink>
      .
    </>
  ),
}

export function FirstSteps() {
  const query = useQuery(firstStepsQuery)
  if (query.data?.dismissed) return null
  return (
    <Card component="section" aria-label="First steps">
      <Loaded query={query} skeleton={<Skeleton h={220} />}>
        {(steps) => <List {...steps} />}
      </Loaded>
    </Card>
  )
}

function List({ steps }: Steps) {
  const put = usePutFirstSteps()
  const reason = whyReadOnly(useMe())
  const done = steps.filter((step) => step.done).length
  return (
    <>
      <Group justify="space-between" align="flex-start" mb="xs">
        <div>
          <Title order={2} size="h5">
            First steps
          </Title>
          <Text size="sm" c="dimmed">
            {done} of {steps.length} done
          </Text>
        </div>
        <WithReason reason={reason}>
          {(blocked) => (
            <Button
              variant="default"
              size="xs"
              loading={put.isPending}
              onClick={() => put.mutate('dismiss')}
              {...blocked}
            >
              Put away
            </Button>
          )}
        </WithReason>
      </Group>
      <Progress
        value={(done / steps.length) * 100}
        size="sm"
        mb="md"
        aria-label="First steps done"
      />
      <ol className={c.steps}>
        {steps.map(({ name, done }) => {
          const Icon = done ? CircleCheck : Circle
          return (
            <li key={name} data-done={done || undefined}>
              <Icon size={18} aria-hidden />
              <Text size="sm" component="div">
                <span className="visually-hidden">{done ? 'Done: ' : 'To do: '}</span>
                {WORDS[name]}
              </Text>
            </li>
          )
        })}
      </ol>
    </>
  )
}

/** For whoever put the list away and wants it back. */
export function FirstStepsAgain() {
  const steps = useQuery(firstStepsQuery).data
  const put = usePutFirstSteps()
  const reason = whyReadOnly(useMe())
  if (!steps?.dismissed) return null
  return (
    <WithReason reason={reason}>
      {(blocked) => (
        <Button
          variant="subtle"
          size="compact-xs"
          mt="sm"
          loading={put.isPending}
          onClick={() => put.mutate('restore')}
          {...blocked}
        >
          Show the first steps again
        </Button>
      )}
    </WithReason>
  )
}
