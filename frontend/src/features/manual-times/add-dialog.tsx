// Says what no device saw.
import {
  Button,
  Group,
  Modal,
  NativeSelect,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { asAppError, fieldErrors } from '~/api/errors'
import { useMe, useZone } from '~/api/me'
import type { ManualTimeRules } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { openTasksQuery } from '~/components/tasks/queries'
import { duration } from '~/lib/format'
import { dayIn, formatDay, zoneLabel } from '~/lib/time'
import { useAdd } from './queries'
import { asBody, stretchOf, type Values } from './values'
import { KIND_CHOICES } from './words'

/** Only admins choose somebody. */
const PersonSelect = lazy(async () => ({
  default: (await import('~/components/teams/person-select')).PersonSelect,
}))

/** The server names fields as the wire has them. */
const FIELDS: Record<string, keyof Values> = {
  user_id: 'person',
  started_at: 'from',
  ended_at: 'to',
  task_id: 'task',
}

const MESSAGES = {
  approved: 'Added. It counts from now on, and the person reads that you added it.',
  waiting: 'Added. It counts once an admin has approved it.',
  soon: 'Added. It counts in a moment.',
}

type AddDialogProps = { rules: ManualTimeRules; initial?: Partial<Values>; onClose: () => void }

export default function AddDialog({ rules, initial, onClose }: AddDialogProps) {
  const add = useAdd()
  const me = useMe()
  const zone = useZone()
  const isAdmin = me.role === 'ADMIN'
  const today = dayIn(zone)
  const form = useForm<Values>({
    initialValues: {
      person: isAdmin ? null : me.id,
      day: today,
      from: '',
      to: '',
      kind: 'meeting',
      reason: '',
      task: '',
      ...initial,
    },
    validate: {
      person: (id) => (id ? null : 'Say whose time it is.'),
      day: (day) => {
        if (!day || day > today) return 'A day that has come is wanted.'
        return day < rules.first_day ? `Not before ${formatDay(rules.first_day)}.` : null
      },
      from: (time) => (time ? null : 'Say from when on.'),
      to: (time) => (time ? null : 'Say until when.'),
      reason: (text) => (text.trim() ? null : 'Say why: whoever decides reads it.'),
    },
  })
  const { day, from, to, person } = form.values
  const stretch = day && from && to ? stretchOf(form.values, zone) : undefined
  const seconds = stretch && (stretch.end.getTime() - stretch.start.getTime()) / 1000
  const submit = form.onSubmit((values) =>
    add.mutate(asBody(values, zone), {
      onSuccess: ({ state }) => {
        const kind = state === 'approved' ? 'approved' : rules.approval ? 'waiting' : 'soon'
        notifications.show({ message: MESSAGES[kind] })
        onClose()
      },
      onError: (thrown) => {
        const errors = Object.entries(fieldErrors(asAppError(thrown)))
        form.setErrors(
          Object.fromEntries(errors.map(([name, text]) => [FIELDS[name] ?? name, text])),
        )
      },
    }),
  )
  return (
    <Modal opened onClose={onClose} title="Add manual time" size="lg">
      <form onSubmit={submit} noValidate>
        <Stack>
          <FormProblem error={add.error} />
          {isAdmin && (
            <Suspense fallback={<Skeleton h={60} />}>
              <PersonSelect
                label="Employee"
                placeholder="Type a name"
                value={person}
                onChange={(id) => form.setValues({ person: id, task: '' })}
                error={form.errors.person}
              />
            </Suspense>
          )}
          <SimpleGrid cols={{ base: 1, xs: 3 }}>
            <TextInput
              type="date"
              label="Day"
              min={rules.first_day}
              max={today}
              {...form.getInputProps('day')}
            />
            <TextInput type="time" label="From" {...form.getInputProps('from')} />
            <TextInput type="time" label="Until" {...form.getInputProps('to')} />
          </SimpleGrid>
          <Text size="xs" c="dimmed" aria-live="polite">
            {`Times in ${zoneLabel(zone)}. `}
            {seconds !== undefined &&
              `${duration(seconds)}${to > from ? '' : ', until the next day'}.`}
          </Text>
          <NativeSelect label="What" data={KIND_CHOICES} {...form.getInputProps('kind')} />
          <Textarea
            label="Reason"
            description="Where, with whom, what for. Whoever decides reads it."
            maxLength={500}
            autosize
            minRows={2}
            {...form.getInputProps('reason')}
          />
          {person && <TaskChoice person={person} {...form.getInputProps('task')} />}
          <Text size="sm">
            {isAdmin
              ? 'It is approved at once, and the person reads who added it.'
              : rules.approval
                ? 'An admin decides about it; you see who, and why.'
                : 'It counts without an approval.'}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={add.isPending}>
              Add
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function TaskChoice({ person, ...props }: { person: string }) {
  const tasks = useQuery(openTasksQuery(person)).data?.items ?? []
  if (tasks.length === 0) return null
  return (
    <NativeSelect
      label="Task (optional)"
      data={[
        { value: '', label: 'None in particular' },
        ...tasks.map(({ id, title }) => ({ value: id, label: title })),
      ]}
      {...props}
    />
  )
}
