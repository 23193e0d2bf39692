// Making an API token: what for, what it may do, until when; then the token, this once.
import { Button, Checkbox, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import { useZone } from '~/api/me'
import type { ApiTokenCreated, TokenScope } from '~/api/types'
import { CodeField, withCode } from '~/components/code-field'
import { FormProblem } from '~/components/form-problem'
import { PasswordField } from '~/components/password-field'
import { SecretReveal } from '~/components/secret-reveal'
import { formatDateTime } from '~/lib/time'
import { useCreateApiToken } from './queries'

/** Every scope of the API: one that is missing here does not compile. */
const SCOPES: Record<TokenScope, string> = {
  'employees:read': 'List people, invitations and teams, and see one of them.',
  'employees:write': 'Invite, deactivate and reactivate people; change teams.',
  'usage:read': 'Read sums by day, application and web host.',
  'timeline:read': 'Read a person’s day, minute by minute. Noted where the person can see it.',
  'screenshots:read': 'Open screenshots. Noted where the person can see it.',
}
const NAMES = Object.keys(SCOPES) as TokenScope[]
const DAYS = ['7', '30', '90', '180', '365'].map((value) => ({ value, label: `${value} days` }))

const schema = z.object({
  name: z.string().check(z.trim(), z.minLength(1, 'Say what it is for.'), z.maxLength(80)),
  scopes: z.array(z.string()).check(z.minLength(1, 'Choose at least one.')),
  days: z.string(),
  password: z.string().check(z.minLength(1, 'Enter your password.')),
  code: z.string(),
})

export default function CreateDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateApiToken()
  const made = create.data
  return (
    <Modal
      opened
      onClose={onClose}
      title={made ? 'The new token' : 'New API token'}
      closeOnClickOutside={!made}
      closeOnEscape={!made}
      withCloseButton={!made}
    >
      {made ? <Made made={made} onClose={onClose} /> : <Form create={create} onClose={onClose} />}
    </Modal>
  )
}

type FormProps = { create: ReturnType<typeof useCreateApiToken>; onClose: () => void }

function Form({ create, onClose }: FormProps) {
  const form = useForm<{
    name: string
    scopes: string[]
    days: string
    password: string
    code: string
  }>({
    mode: 'uncontrolled',
    initialValues: { name: '', scopes: [], days: '90', password: '', code: '' },
    validate: schemaResolver(schema, { sync: true }),
  })
  const submit = form.onSubmit(({ name, scopes, days, password, code }) =>
    create.mutate(
      withCode({
        name: name.trim(),
        scopes: NAMES.filter((scope) => scopes.includes(scope)),
        expires_in_days: Number(days),
        password,
        code,
      }),
      { onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))) },
    ),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm">
          A program with this token acts in your name, within what you choose here. It ends when you
          revoke it, when you leave the company, or by itself.
        </Text>
        <FormProblem error={create.error} />
        <TextInput
          label="Name"
          description="What it is for, such as the program’s name."
          maxLength={80}
          autoComplete="off"
          data-autofocus
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <Checkbox.Group label="It may" key={form.key('scopes')} {...form.getInputProps('scopes')}>
          <Stack gap="xs" mt={4}>
            {NAMES.map((scope) => (
              <Checkbox key={scope} value={scope} label={scope} description={SCOPES[scope]} />
            ))}
          </Stack>
        </Checkbox.Group>
        <NativeSelect
          label="It ends after"
          data={DAYS}
          key={form.key('days')}
          {...form.getInputProps('days')}
        />
        <PasswordField
          description="Asked again because whoever holds the token reads your company’s data. It is written to the audit log."
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <CodeField key={form.key('code')} {...form.getInputProps('code')} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Make token
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Made({ made, onClose }: { made: ApiTokenCreated; onClose: () => void }) {
  const zone = useZone()
  return (
    <SecretReveal
      fileName="api-token.txt"
      note={`Shown only now: we keep no copy of it. It works until ${formatDateTime(made.expires_at, zone)}.`}
      secrets={[{ label: 'API token', value: made.token ?? '' }]}
      done="Done"
      onDone={onClose}
    />
  )
}
