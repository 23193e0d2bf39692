// What a team or a person has other than what it follows; each value says what following means.
import {
  Alert,
  Button,
  Checkbox,
  Group,
  Modal,
  NativeSelect,
  Skeleton,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { asAppError, fieldErrors } from '~/api/errors'
import type { EffectiveSettings } from '~/api/types'
import { duration } from '~/lib/format'
import { FormProblem } from '../form-problem'
import { Loaded } from '../loaded'
import { inForceQuery, type Subject, useChangeOwn } from './queries'
import { FOLLOWING, patchOf, type Values, validate, valuesOf } from './values'
import { hoursInWords, NAMES, WEEKDAYS, yes } from './words'

type DialogProps = { subject: Subject; onClose: () => void }

export default function OwnSettingsDialog({ subject, onClose }: DialogProps) {
  const seen = useQuery(inForceQuery(subject))
  // Kept here: what somebody else saved in between is shown anew, under the sentence that says so.
  const change = useChangeOwn(subject)
  return (
    <Modal opened onClose={onClose} size="lg" title={`Settings of ${subject.name}`}>
      <Loaded query={seen} skeleton={<Skeleton h={480} />}>
        {(values) => (
          <Form
            key={values.version}
            seen={values}
            subject={subject}
            change={change}
            onClose={onClose}
          />
        )}
      </Loaded>
    </Modal>
  )
}

type FormProps = DialogProps & {
  seen: EffectiveSettings
  change: ReturnType<typeof useChangeOwn>
}

const FIELDS: Record<string, string> = {
  screenshot_interval_seconds: 'interval_minutes',
  idle_threshold_seconds: 'idle_minutes',
  'tracking_hours/days': 'days',
  'tracking_hours/from': 'from',
  'tracking_hours/to': 'to',
}

function Form({ seen, subject, change, onClose }: FormProps) {
  const form = useForm<Values>({ initialValues: valuesOf(seen), validate })
  const { hours, allDay } = form.values
  const stale = change.error && asAppError(change.error).code === 'precondition_failed'
  const follows = (from: string, value: string) =>
    `Follow the ${from === 'team' ? `team${seen.team ? ` ${seen.team.name}` : ''}` : 'company'}: ${value}`
  const flag = (
    key: 'screenshots_enabled' | 'blur_screenshots' | 'record_titles' | 'record_paths',
  ) => (
    <NativeSelect
      label={NAMES[key]}
      data={[
        {
          value: '',
          label: follows(seen[key].inherited_from, yes(seen[key].inherited).toLowerCase()),
        },
        { value: 'yes', label: 'Yes' },
        { value: 'no', label: 'No' },
      ]}
      {...form.getInputProps(key)}
    />
  )
  const number = (
    key: 'idle_threshold_seconds' | 'screenshot_interval_seconds',
    field: 'idle_minutes' | 'interval_minutes',
    label: string,
  ) => (
    <TextInput
      label={label}
      description={`Empty: ${follows(seen[key].inherited_from, duration(seen[key].inherited)).replace('F', 'f')}.`}
      inputMode="decimal"
      maxLength={5}
      {...form.getInputProps(field)}
    />
  )
  const submit = form.onSubmit((values) =>
    change.mutate(
      { version: seen.version, body: patchOf(seen, values) },
      {
        onSuccess: () => {
          notifications.show({ message: 'Saved. Agents hear of it with their next call.' })
          onClose()
        },
        onError: (thrown) => {
          const errors = Object.entries(fieldErrors(asAppError(thrown)))
          form.setErrors(
            Object.fromEntries(errors.map(([name, text]) => [FIELDS[name] ?? name, text])),
          )
        },
      },
    ),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm">
          {subject.kind === 'team'
            ? 'In force for everybody in the team who has nothing of their own.'
            : 'In force for this person alone, whatever team they are in.'}{' '}
          The person reads it on “My day” and with the agent. What is not listed here is the same
          for the whole company.
        </Text>
        <FormProblem error={change.error}>
          {stale && 'Somebody has changed settings in between. Look again, then save.'}
        </FormProblem>
        <NativeSelect
          label={NAMES.tracking_hours}
          data={[
            {
              value: '',
              label: follows(
                seen.tracking_hours.inherited_from,
                hoursInWords(seen.tracking_hours.inherited),
              ),
            },
            { value: 'own', label: 'Own days and hours' },
          ]}
          {...form.getInputProps('hours')}
        />
        {hours === 'own' && (
          <Stack gap="sm" pl="md">
            <Checkbox.Group label="Days" {...form.getInputProps('days')}>
              <Group gap="md" mt={4}>
                {WEEKDAYS.map((day, at) => (
                  <Checkbox key={day} value={String(at + 1)} label={day} />
                ))}
              </Group>
            </Checkbox.Group>
            <Checkbox label="All day" {...form.getInputProps('allDay', { type: 'checkbox' })} />
            {!allDay && (
              <Group align="flex-start">
                <TextInput type="time" label="From" w={140} {...form.getInputProps('from')} />
                <TextInput type="time" label="Until" w={140} {...form.getInputProps('to')} />
              </Group>
            )}
          </Stack>
        )}
        {number('idle_threshold_seconds', 'idle_minutes', 'Idle after, in minutes')}
        {flag('record_titles')}
        {flag('record_paths')}
        {seen.screenshots_enabled.source === 'plan' && (
          <Alert color="yellow" radius="md">
            <Text size="sm">
              Your plan has no screenshots: none are taken, whatever is chosen here.
            </Text>
          </Alert>
        )}
        {flag('screenshots_enabled')}
        {number(
          'screenshot_interval_seconds',
          'interval_minutes',
          'One screenshot in so many minutes',
        )}
        {flag('blur_screenshots')}
        <Group justify="space-between">
          <Button variant="subtle" onClick={() => form.setValues(FOLLOWING)}>
            Follow in everything
          </Button>
          <Group>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={change.isPending}>
              Save
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}
