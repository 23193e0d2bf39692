// Writes a rule, or changes what it asks for. Whom it watches stays: another is another rule.
import { Alert, Button, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { asAppError, fieldErrors } from '~/api/errors'
import type { AlertRule } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { PersonSelect } from '~/components/teams/person-select'
import { teamChoicesQuery } from '~/components/teams/queries'
import { useChangeRule, useCreateRules } from './queries'
import { isKind, isShareOfDay, KIND_NAMES, KINDS, type Kind, kindWord, ruleWords } from './words'

type Values = {
  kind: Kind
  threshold: string
  least: string
  scope: 'company' | 'team' | 'person'
  team: string
  person: string | null
}

type RuleFormProps = {
  /** The one that is changed; without it a new one is made. */
  rule: AlertRule | undefined
  onClose: () => void
}

export function RuleForm({ rule, onClose }: RuleFormProps) {
  const create = useCreateRules()
  const change = useChangeRule()
  const teams = useQuery(teamChoicesQuery).data?.items ?? []
  const save = rule ? change : create
  const form = useForm<Values>({
    initialValues: {
      kind: rule && isKind(rule.kind) ? rule.kind : 'silent',
      threshold: String(rule?.threshold ?? KINDS.silent.usual),
      least: String((rule?.least_minutes ?? 120) / 60),
      scope: 'company',
      team: '',
      person: null,
    },
    validate: {
      threshold: (text, { kind }) => {
        const { least, most } = KINDS[kind]
        const fits = /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most
        return fits ? null : `A whole number from ${least} to ${most}.`
      },
      least: (text, { kind }) =>
        !isShareOfDay(kind) || (Number(text) >= 0.1 && Number(text) <= 24)
          ? null
          : 'From 0.1 to 24 hours.',
      team: (team, { scope }) => (scope === 'team' && !team ? 'Choose a team.' : null),
      person: (person, { scope }) => (scope === 'person' && !person ? 'Choose a person.' : null),
    },
  })
  const { kind, threshold, least, scope, team, person } = form.values
  const about = KINDS[kind]
  const submit = form.onSubmit(() => {
    const asked = {
      threshold: Number(threshold),
      ...(isShareOfDay(kind) ? { least_minutes: Math.round(Number(least) * 60) } : {}),
    }
    const callbacks = {
      onSuccess: onClose,
      onError: (thrown: unknown) => {
        const { team_id, user_id, least_minutes, ...rest } = fieldErrors(asAppError(thrown))
        form.setErrors({ ...rest, team: team_id, person: user_id, least: least_minutes })
      },
    }
    if (rule) return change.mutate({ rule, body: asked }, callbacks)
    const whom =
      scope === 'team' ? { team_id: team } : scope === 'person' && person ? { user_id: person } : {}
    create.mutate([{ kind, ...asked, ...whom }], callbacks)
  })
  const says = ruleWords({
    kind,
    threshold: Number(threshold) || 0,
    least_minutes: Math.round(Number(least) * 60),
  })
  return (
    <Modal opened onClose={onClose} title={rule ? `Edit “${kindWord(rule.kind)}”` : 'New rule'}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <FormProblem error={save.error} />
          {!rule && (
            <NativeSelect
              label="What to look for"
              data={KIND_NAMES.map((value) => ({ value, label: kindWord(value) }))}
              value={kind}
              onChange={({ currentTarget }) => {
                const next = KIND_NAMES.find((one) => one === currentTarget.value) ?? 'silent'
                form.setValues({
                  kind: next,
                  threshold: String(KINDS[next].usual),
                  ...(KINDS[next].ofPeople ? {} : { scope: 'company' }),
                })
              }}
              data-autofocus
            />
          )}
          {about.unit && (
            <TextInput
              type="number"
              inputMode="numeric"
              label={`How much, in ${about.unit}`}
              min={about.least}
              max={about.most}
              {...form.getInputProps('threshold')}
            />
          )}
          {isShareOfDay(kind) && (
            <TextInput
              type="number"
              inputMode="decimal"
              label="On days with at least so many tracked hours"
              min={0.1}
              max={24}
              step={0.5}
              {...form.getInputProps('least')}
            />
          )}
          {!rule && about.ofPeople && (
            <NativeSelect
              label="Whom it watches"
              data={[
                { value: 'company', label: 'Everybody' },
                { value: 'team', label: 'A team' },
                { value: 'person', label: 'A person' },
              ]}
              {...form.getInputProps('scope')}
            />
          )}
          {!rule && scope === 'team' && (
            <NativeSelect
              label="Team"
              data={[
                { value: '', label: 'Choose a team' },
                ...teams.map(({ id, name }) => ({ value: id, label: name })),
              ]}
              {...form.getInputProps('team')}
            />
          )}
          {!rule && scope === 'person' && (
            <PersonSelect
              label="Person"
              placeholder="Type a name"
              value={person}
              error={form.errors.person}
              onChange={(chosen) => form.setFieldValue('person', chosen)}
            />
          )}
          {kind === 'repeated_input' && (
            <Text size="sm" c="dimmed">
              Counts that repeat to the last key and click say something about the device or its
              driver, and that such minutes prove nothing. They say nothing about the person.
            </Text>
          )}
          <Alert variant="light" title="In plain words">
            {says}.{' '}
            {about.ofPeople
              ? 'Whom it watches reads this sentence, and every alert about them.'
              : 'It watches nobody.'}
          </Alert>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              {rule ? 'Save' : 'Create rule'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
