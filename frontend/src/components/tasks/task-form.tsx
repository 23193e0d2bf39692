// Writes a task, or changes one.
import {
  Button,
  Group,
  Modal,
  NativeSelect,
  SimpleGrid,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import type { Task } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { PersonSelect } from '~/components/teams/person-select'
import { teamChoicesQuery } from '~/components/teams/queries'
import { TeamSelect } from '~/components/teams/team-select'
import { type NewTask, taskQuery, useChangeTask, useCreateTask } from './queries'
import { asBody, asPatch, type Values, valuesOf } from './values'
import { PRIORITIES, priorityWord, STATUSES, statusWord } from './words'

const schema = z.object({
  title: z.string().check(z.trim(), z.minLength(1, 'Say what is to be done.'), z.maxLength(200)),
  description: z.string().check(z.maxLength(10_000, 'At most 10,000 characters.')),
  hours: z
    .string()
    .check(z.refine((text) => Number(text) >= 0 && Number(text) <= 8760, 'From 0 to 8,760 hours.')),
})

type TaskFormProps = {
  /** The one that is changed; without it a new one is made. */
  task?: Task
  onClose: () => void
  onDone: (task: Task) => void
}

export default function TaskForm({ task, onClose, onDone }: TaskFormProps) {
  const create = useCreateTask()
  const change = useChangeTask()
  const cache = useQueryClient()
  const teams = useQuery(teamChoicesQuery).data?.items ?? []
  const save = task ? change : create
  const form = useForm<Values>({
    initialValues: valuesOf(task),
    validate: schemaResolver(schema, { sync: true }),
  })
  const submit = form.onSubmit((values) => {
    const callbacks = {
      onSuccess: onDone,
      onError: (thrown: unknown) => form.setErrors(asFields(thrown)),
    }
    if (!task) return create.mutate(asBody(values) satisfies NewTask, callbacks)
    change.mutate({ task, body: asPatch(values, valuesOf(task)) }, callbacks)
  })
  const stale = save.error && asAppError(save.error).code === 'precondition_failed'
  /** Theirs is shown; what was typed here goes. */
  const reload = async () => {
    if (!task) return
    form.setValues(valuesOf(await cache.fetchQuery(taskQuery(task.id))))
    save.reset()
  }
  return (
    <Modal opened onClose={onClose} title={task ? 'Edit task' : 'New task'} size="lg">
      <form onSubmit={submit} noValidate>
        <Stack>
          <FormProblem error={save.error}>
            {stale && (
              <Button size="xs" variant="default" mt="xs" onClick={() => void reload()}>
                Show it as it is now
              </Button>
            )}
          </FormProblem>
          <TextInput
            label="Title"
            maxLength={200}
            autoComplete="off"
            data-autofocus
            {...form.getInputProps('title')}
          />
          <Textarea
            label="Description (optional)"
            description="Markdown: **bold**, lists, `code`, [links](https://…). HTML is left out."
            autosize
            minRows={4}
            maxRows={14}
            maxLength={10_000}
            {...form.getInputProps('description')}
          />
          <SimpleGrid cols={{ base: 1, xs: 2 }} verticalSpacing="sm">
            <PersonSelect
              label="Assignee (optional)"
              placeholder="Nobody"
              known={task?.assignee_id === form.values.assignee ? task?.assignee_name : null}
              value={form.values.assignee}
              error={form.errors.assignee}
              onChange={(assignee) => form.setFieldValue('assignee', assignee)}
            />
            <TeamSelect teams={teams} {...form.getInputProps('team')} />
            <NativeSelect
              label="Status"
              data={STATUSES.map((value) => ({ value, label: statusWord(value) }))}
              {...form.getInputProps('status')}
            />
            <NativeSelect
              label="Priority"
              data={PRIORITIES.map((value) => ({ value, label: priorityWord(value) }))}
              {...form.getInputProps('priority')}
            />
            <TextInput type="date" label="Due day (optional)" {...form.getInputProps('due')} />
            <TextInput
              type="number"
              inputMode="decimal"
              label="Estimate in hours (optional)"
              min={0}
              max={8760}
              step={0.25}
              {...form.getInputProps('hours')}
            />
          </SimpleGrid>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              {task ? 'Save' : 'Create task'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** The server's names of fields, in the form's. */
function asFields(thrown: unknown): Record<string, string> {
  const { assignee_id, team_id, due_on, estimate_seconds, ...rest } = fieldErrors(
    asAppError(thrown),
  )
  const named = { assignee: assignee_id, team: team_id, due: due_on, hours: estimate_seconds }
  const said = Object.entries(named).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return { ...rest, ...Object.fromEntries(said) }
}
