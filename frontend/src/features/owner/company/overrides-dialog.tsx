// Giving one company more or less than its plan says. An empty field means: as the plan says.
import {
  Button,
  Group,
  NativeSelect,
  SimpleGrid,
  Skeleton,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { asAppError, fieldErrors } from '~/api/errors'
import type { Input, Overrides } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { RouteDialog } from '~/components/route-dialog'
import { count } from '~/lib/format'
import { FEATURE_NAMES, FEATURES, LIMITS } from '../plans/terms'
import { useChangeOverrides } from './changes'
import { overridesQuery } from './queries'
import { useCompanyDialog } from './use-dialog'

type Values = Record<
  (typeof LIMITS)[number]['name'] | (typeof FEATURE_NAMES)[number] | 'reason',
  string
>
type Changes = Input<'/api/owner/companies/{company_id}/overrides', 'patch'>

export function OverridesDialog() {
  const { companyId, company, close } = useCompanyDialog()
  const overrides = useQuery({ ...overridesQuery(companyId), refetchOnWindowFocus: false })
  return (
    <RouteDialog
      title={`Limits and features of ${company.data?.name ?? 'the company'}`}
      size="lg"
      onClose={close}
    >
      <Loaded query={overrides} skeleton={<Skeleton h={360} />}>
        {(loaded) => <Form companyId={companyId} overrides={loaded} onClose={close} />}
      </Loaded>
    </RouteDialog>
  )
}

const ownLimit = ({ value, source }: Overrides['max_employees']) =>
  source === 'override' ? String(value) : ''
const ownFeature = ({ value, source }: Overrides['screenshots']) =>
  source === 'override' ? String(value) : ''

function valuesOf(overrides: Overrides): Values {
  const limits = LIMITS.map(({ name }) => [name, ownLimit(overrides[name])])
  const features = FEATURE_NAMES.map((name) => [name, ownFeature(overrides[name])])
  return { ...Object.fromEntries([...limits, ...features]), reason: '' }
}

/** What was typed differently from how the form began. */
export function changesOf(first: Values, values: Values): Changes {
  const changes: Changes = { reason: values.reason.trim() }
  for (const { name } of LIMITS)
    if (values[name].trim() !== first[name])
      changes[name] = values[name].trim() === '' ? null : Number(values[name])
  for (const name of FEATURE_NAMES)
    if (values[name] !== first[name])
      changes[name] = values[name] === '' ? null : values[name] === 'true'
  return changes
}

type FormProps = { companyId: string; overrides: Overrides; onClose: () => void }

function Form({ companyId, overrides, onClose }: FormProps) {
  const change = useChangeOverrides(companyId)
  const form = useForm<Values>({
    initialValues: valuesOf(overrides),
    validate: (values) => {
      const wrong: Record<string, string> = {}
      for (const { name, most } of LIMITS) {
        const text = values[name].trim()
        if (text !== '' && (!/^\d{1,9}$/.test(text) || Number(text) < 1 || Number(text) > most))
          wrong[name] = `A whole number from 1 to ${count(most)}, or nothing.`
      }
      if (!values.reason.trim()) wrong.reason = 'Say why: the audit log keeps it.'
      return wrong
    },
  })
  const submit = form.onSubmit((values) =>
    change.mutate(
      // Somebody else's change is shown by the page's own data, which is asked for again when this is refused.
      { seen: overrides.version, body: changesOf(form.getInitialValues(), values) },
      {
        onSuccess: () => {
          notifications.show({ message: 'Saved. It is in force.' })
          onClose()
        },
        onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
      },
    ),
  )
  const stale = change.error && asAppError(change.error).code === 'precondition_failed'
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <FormProblem error={change.error}>
          {stale &&
            'What you typed is still here. The values of the plan beside it are as they are now.'}
        </FormProblem>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {LIMITS.map(({ name, label }) => (
            <TextInput
              key={name}
              label={label}
              description={`The plan says ${count(overrides[name].plan_value)}. In force: ${count(overrides[name].value)}.`}
              placeholder="as the plan says"
              inputMode="numeric"
              autoComplete="off"
              {...form.getInputProps(name)}
            />
          ))}
          {FEATURE_NAMES.map((name) => (
            <NativeSelect
              key={name}
              label={FEATURES[name].label}
              data={[
                {
                  value: '',
                  label: `As the plan says: ${overrides[name].plan_value ? 'included' : 'not included'}`,
                },
                { value: 'true', label: 'Included' },
                { value: 'false', label: 'Not included' },
              ]}
              {...form.getInputProps(name)}
            />
          ))}
        </SimpleGrid>
        <Textarea
          label="Reason"
          autosize
          minRows={2}
          maxLength={500}
          {...form.getInputProps('reason')}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button type="submit" loading={change.isPending}>
            {stale ? 'Save it all the same' : 'Save'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
