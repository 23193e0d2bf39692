// A plan's form. When somebody else saved meanwhile, what was typed stays, and one chooses what is to hold.
import {
  ActionIcon,
  Alert,
  Button,
  Checkbox,
  Group,
  List,
  Modal,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { type UseFormReturnType, useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus, Trash2, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { asAppError, fieldErrors } from '~/api/errors'
import type { PlanOfOwner } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { planQuery, useChangePlanTerms, useCreatePlan, useSimulation } from './queries'
import { Simulation } from './simulation'
import {
  changesOf,
  differences,
  FEATURE_NAMES,
  FEATURES,
  faults,
  LIMITS,
  NEW_TERMS,
  type TermsValues,
  termsOf,
  valuesOf,
} from './terms'

type DialogProps = { id: string | undefined; onClose: () => void }

export default function PlanDialog({ id, onClose }: DialogProps) {
  const [dirty, setDirty] = useState(false)
  const close = () => {
    if (!dirty || window.confirm('What you typed is not saved. Close the form?')) onClose()
  }
  const form = { onDirty: setDirty, onCancel: close, onSaved: onClose }
  return (
    <Modal opened onClose={close} size="lg" title={id ? 'Edit plan' : 'New plan'}>
      {id ? <Edit id={id} {...form} /> : <Create {...form} />}
    </Modal>
  )
}

type Handed = { onDirty: (dirty: boolean) => void; onCancel: () => void; onSaved: () => void }

function Create({ onSaved, ...rest }: Handed) {
  const create = useCreatePlan()
  return (
    <Form
      initial={NEW_TERMS}
      error={create.error}
      pending={create.isPending}
      submit="Create plan"
      onSubmit={(values, onError) =>
        create.mutate(termsOf(values), {
          onError,
          onSuccess: ({ name }) => {
            notifications.show({ message: `${name} is created.` })
            onSaved()
          },
        })
      }
      {...rest}
    />
  )
}

function Edit({ id, ...rest }: Handed & { id: string }) {
  const plan = useQuery({
    ...planQuery(id),
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })
  return (
    <Loaded query={plan} skeleton={<Skeleton h={420} />}>
      {(seen) => <EditForm first={seen} {...rest} />}
    </Loaded>
  )
}

function EditForm({ first, onSaved, ...rest }: Handed & { first: PlanOfOwner }) {
  const cache = useQueryClient()
  const change = useChangePlanTerms()
  const simulate = useSimulation(first.id)
  // What the form began with, and what is on the server by now if somebody else was faster.
  const [seen, setSeen] = useState(first)
  const [theirs, setTheirs] = useState<PlanOfOwner>()
  const failed = change.error && asAppError(change.error).code !== 'precondition_failed'

  const save = (values: TermsValues, onError: (thrown: unknown) => void, over = seen) =>
    change.mutate(
      { seen: over, body: changesOf(seen, termsOf(values)) },
      {
        onSuccess: ({ name }) => {
          notifications.show({ message: `${name} is saved.` })
          onSaved()
        },
        onError: async (thrown) => {
          onError(thrown)
          if (asAppError(thrown).code !== 'precondition_failed') return
          setTheirs(await cache.fetchQuery(planQuery(seen.id)))
        },
      },
    )
  return (
    <Form
      // Taking theirs begins the form anew.
      key={seen.version}
      initial={valuesOf(seen)}
      error={failed ? change.error : undefined}
      pending={change.isPending}
      submit={theirs ? 'Save mine over it' : 'Save'}
      onSubmit={(values, onError) => save(values, onError, theirs)}
      onTyped={() => simulate.data && simulate.reset()}
      preview={(values) => (
        <Simulation
          simulate={simulate}
          onAsk={() => simulate.mutate(changesOf(seen, termsOf(values)))}
        />
      )}
      {...rest}
    >
      {theirs && (
        <Alert
          role="alert"
          color="yellow"
          icon={<TriangleAlert size={18} aria-hidden />}
          title="Somebody changed this plan meanwhile"
          styles={{ title: { color: 'var(--mantine-color-text)' } }}
        >
          <Stack gap="xs" align="flex-start">
            <List size="sm">
              {differences(seen, theirs).map((line) => (
                <List.Item key={line}>{line}</List.Item>
              ))}
            </List>
            <Text size="sm">
              What you typed is still here. Saving writes the fields that you changed, and leaves
              the others as they are now.
            </Text>
            <Button
              variant="default"
              size="xs"
              onClick={() => {
                change.reset()
                setSeen(theirs)
                setTheirs(undefined)
                rest.onDirty(false)
              }}
            >
              Take theirs, drop mine
            </Button>
          </Stack>
        </Alert>
      )}
    </Form>
  )
}

type FormProps = Omit<Handed, 'onSaved'> & {
  initial: TermsValues
  error: unknown
  pending: boolean
  submit: string
  onSubmit: (values: TermsValues, onError: (thrown: unknown) => void) => void
  children?: React.ReactNode
  /** What was shown of the values before is not true of these. */
  onTyped?: () => void
  /** Of values without faults. */
  preview?: (values: TermsValues) => React.ReactNode
}

function Form({
  initial,
  error,
  pending,
  submit,
  onSubmit,
  onDirty,
  onCancel,
  ...parts
}: FormProps) {
  const form = useForm<TermsValues>({
    initialValues: initial,
    validate: faults,
    onValuesChange: () => {
      onDirty(true)
      parts.onTyped?.()
    },
  })
  const send = form.onSubmit((values) =>
    onSubmit(values, (thrown) => {
      const problem = asAppError(thrown)
      const taken = problem.code === 'plans_name_taken'
      form.setErrors(taken ? { name: 'Another plan has that name.' } : fieldErrors(problem))
    }),
  )
  return (
    <form onSubmit={send} noValidate>
      <Stack>
        {parts.children}
        <FormProblem error={error} />
        <TextInput
          label="Name"
          description="In capitals, such as TEAM."
          maxLength={32}
          autoComplete="off"
          data-autofocus
          {...form.getInputProps('name')}
          onChange={(event) => form.setFieldValue('name', event.currentTarget.value.toUpperCase())}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {LIMITS.map(({ name, label }) => (
            <TextInput
              key={name}
              label={label}
              inputMode="numeric"
              autoComplete="off"
              {...form.getInputProps(name)}
            />
          ))}
        </SimpleGrid>
        <Stack gap="xs" role="group" aria-label="Included">
          <Text fw={500} size="sm">
            Included
          </Text>
          {FEATURE_NAMES.map((name) => (
            <Checkbox
              key={name}
              label={FEATURES[name].label}
              description={FEATURES[name].says}
              {...form.getInputProps(`features.${name}`, { type: 'checkbox' })}
            />
          ))}
        </Stack>
        <Text size="xs" c="dimmed">
          New limits hold at once for every company on the plan. Nothing of theirs is deleted; only
          growth is refused.
        </Text>
        <Prices form={form} />
        {Object.keys(faults(form.values)).length === 0 && parts.preview?.(form.values)}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={pending}>
            {submit}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

const MOST_CURRENCIES = 12

function Prices({ form }: { form: UseFormReturnType<TermsValues> }) {
  const rows = form.values.prices
  return (
    <Stack gap="sm" component="section" aria-label="Prices">
      <Text fw={500} size="sm">
        Prices
      </Text>
      {rows.map(({ currency }, at) => (
        <Group
          // biome-ignore lint/suspicious/noArrayIndexKey: a row is what stands at that place
          key={at}
          role="group"
          aria-label={`Price ${at + 1}`}
          align="flex-start"
          gap="xs"
          wrap="nowrap"
        >
          <TextInput
            label="Currency"
            w={92}
            maxLength={3}
            autoComplete="off"
            {...form.getInputProps(`prices.${at}.currency`)}
            onChange={(event) =>
              form.setFieldValue(`prices.${at}.currency`, event.currentTarget.value.toUpperCase())
            }
          />
          <TextInput
            label="A month"
            flex={1}
            inputMode="decimal"
            autoComplete="off"
            {...form.getInputProps(`prices.${at}.month`)}
          />
          <TextInput
            label="A year"
            flex={1}
            inputMode="decimal"
            autoComplete="off"
            placeholder="not offered"
            {...form.getInputProps(`prices.${at}.year`)}
          />
          <ActionIcon
            mt={28}
            size={36}
            variant="default"
            aria-label={`Remove the prices in ${currency || 'this currency'}`}
            disabled={rows.length === 1}
            onClick={() => form.removeListItem('prices', at)}
          >
            <Trash2 size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button
          variant="default"
          size="xs"
          leftSection={<Plus size={14} aria-hidden />}
          disabled={rows.length >= MOST_CURRENCIES}
          onClick={() => form.insertListItem('prices', { currency: '', month: '', year: '' })}
        >
          Add a currency
        </Button>
      </Group>
      <Text size="xs" c="dimmed">
        A new price holds for who chooses the plan from now on. A price by which companies pay
        cannot be taken away.
      </Text>
    </Stack>
  )
}
