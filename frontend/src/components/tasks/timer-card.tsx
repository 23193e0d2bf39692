// What one works on now: started and stopped here or in the agent, which is the same.
import { Button, Card, Group, NativeSelect, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Play, Square } from 'lucide-react'
import { useState } from 'react'
import { useMe, useZone } from '~/api/me'
import type { StoppedTimer, Task, Timer } from '~/api/types'
import { whyReadOnly } from '~/lib/can'
import { duration } from '~/lib/format'
import { formatTime } from '~/lib/time'
import { moment } from '../devices/words'
import { FormProblem } from '../form-problem'
import { AnchorLink } from '../links'
import { Loaded } from '../loaded'
import { WithReason } from '../with-reason'
import { openTasksQuery, timerQuery, useStartTimer, useStopTimer } from './queries'
import { TaskLink } from './task-link'

export function TimerCard() {
  const timer = useQuery(timerQuery)
  const tasks = useQuery(openTasksQuery(useMe().id))
  const [stopped, setStopped] = useState<StoppedTimer>()
  return (
    <Card component="section" aria-label="What I work on">
      <Title order={2} size="h5" mb="xs">
        What I work on
      </Title>
      <Loaded query={timer} skeleton={<Skeleton h={64} />}>
        {({ task, ...of }) => (
          <Loaded query={tasks} skeleton={<Skeleton h={64} />}>
            {({ items }) => (
              <Stack gap="sm">
                {task ? (
                  <Running
                    timer={{ task, ...of }}
                    now={timer.dataUpdatedAt}
                    onStopped={setStopped}
                  />
                ) : (
                  <Text size="sm">
                    {items.length > 0
                      ? 'Nothing in particular: what is recorded counts for no task.'
                      : 'Nothing in particular: no open task is assigned to you.'}
                  </Text>
                )}
                <Start
                  key={task?.id}
                  tasks={items.filter(({ id }) => id !== task?.id)}
                  onStarted={() => setStopped(undefined)}
                />
                {stopped && <Gaps stopped={stopped} />}
              </Stack>
            )}
          </Loaded>
        )}
      </Loaded>
    </Card>
  )
}

type RunningProps = { timer: Timer; now: number; onStopped: (timer: StoppedTimer) => void }

function Running({ timer, now, onStopped }: RunningProps) {
  const zone = useZone()
  const readOnly = whyReadOnly(useMe())
  const stop = useStopTimer()
  const { task, since, said_in, recorded_on } = timer
  if (!task || !since) return null
  const seconds = Math.max(0, (now - Date.parse(since)) / 1000)
  return (
    <Group justify="space-between" gap="sm">
      <div aria-live="polite">
        <Text fw={600} component="p">
          <TaskLink task={task} />
        </Text>
        <Text size="sm" c="dimmed">
          {`Since ${moment(since, zone)} (${duration(seconds)}), said in ${said_in === 'agent' ? 'your agent' : 'the portal'}. `}
          {recorded_on
            ? `Your agent on ${recorded_on} records for it.`
            : 'No agent of yours records for it now: only what one records counts, or what you add by hand.'}
        </Text>
        <FormProblem error={stop.error} />
      </div>
      <WithReason reason={readOnly}>
        {(blocked) => (
          <Button
            variant="default"
            leftSection={<Square size={16} aria-hidden />}
            loading={stop.isPending}
            onClick={() => stop.mutate(undefined, { onSuccess: onStopped })}
            {...blocked}
          >
            Stop
          </Button>
        )}
      </WithReason>
    </Group>
  )
}

type StartProps = { tasks: Pick<Task, 'id' | 'title'>[]; onStarted: () => void }

function Start({ tasks, onStarted }: StartProps) {
  const readOnly = whyReadOnly(useMe())
  const start = useStartTimer()
  const [chosen, choose] = useState('')
  const id = tasks.some((task) => task.id === chosen) ? chosen : tasks[0]?.id
  if (!id) return null
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        start.mutate(id, { onSuccess: onStarted })
      }}
    >
      <Group align="flex-end" gap="sm">
        <NativeSelect
          label="Work on"
          flex="1 1 220px"
          maw={420}
          data={tasks.map(({ id, title }) => ({ value: id, label: title }))}
          value={id}
          onChange={({ currentTarget }) => choose(currentTarget.value)}
        />
        <WithReason reason={readOnly}>
          {(blocked) => (
            <Button
              type="submit"
              leftSection={<Play size={16} aria-hidden />}
              loading={start.isPending}
              {...blocked}
            >
              Start
            </Button>
          )}
        </WithReason>
      </Group>
      <FormProblem error={start.error} />
    </form>
  )
}

/** What no agent recorded of a timer that ended. It is offered, not added: it counts by the company's rules for manual time. */
function Gaps({ stopped: { task, unrecorded } }: { stopped: StoppedTimer }) {
  const zone = useZone()
  if (!task || unrecorded.length === 0) return null
  const seconds = unrecorded.reduce(
    (sum, { from, to }) => sum + (Date.parse(to) - Date.parse(from)) / 1000,
    0,
  )
  return (
    <div role="status">
      <Text size="sm">
        {`${duration(seconds)} of ${task.title} was not recorded by an agent. Was it work?`}
      </Text>
      <ul>
        {unrecorded.map(({ from, to }) => (
          <li key={from}>
            <AnchorLink
              size="sm"
              to="/manual-times"
              search={{ add: true, started: from, ended: to, task: task.id }}
            >
              {`Add ${formatTime(from, zone)} – ${formatTime(to, zone)} by hand`}
            </AnchorLink>
          </li>
        ))}
      </ul>
    </div>
  )
}
