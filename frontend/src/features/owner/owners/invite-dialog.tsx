// Somebody more who runs the service: who it is, the own password, then the link to hand over.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import { CodeField, withCode } from '~/components/code-field'
import { FormProblem } from '~/components/form-problem'
import { PasswordField } from '~/components/password-field'
import { RouteDialog } from '~/components/route-dialog'
import { OwnersLink } from './owners-link'
import { useInviteOwner } from './queries'

const schema = z.object({
  email: z.email('Enter an e-mail address.'),
  name: z.string().check(z.trim(), z.minLength(1, 'Enter a name.'), z.maxLength(120)),
  password: z.string().check(z.minLength(1, 'Enter your password.')),
  code: z.string(),
})

export default function InviteDialog({ onClose }: { onClose: () => void }) {
  const invite = useInviteOwner()
  return (
    <RouteDialog
      title={invite.data ? 'Invitation made' : 'Invite an owner'}
      onClose={onClose}
      locked={Boolean(invite.data)}
    >
      {invite.data ? (
        <OwnersLink invited={invite.data} onDone={onClose} />
      ) : (
        <Form invite={invite} onCancel={onClose} />
      )}
    </RouteDialog>
  )
}

type FormProps = { invite: ReturnType<typeof useInviteOwner>; onCancel: () => void }

function Form({ invite, onCancel }: FormProps) {
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', name: '', password: '', code: '' },
    validate: schemaResolver(schema, { sync: true }),
  })
  const submit = form.onSubmit((values) =>
    invite.mutate(withCode({ ...values, email: values.email.trim() }), {
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm">
          An owner sees every company’s numbers, keys and subscriptions, and can suspend and change
          them. Nobody’s work is shown to any owner.
        </Text>
        <FormProblem error={invite.error} />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="off"
          data-autofocus
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <TextInput
          label="Name"
          autoComplete="off"
          maxLength={120}
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <PasswordField
          description="Asked again because an owner has power over every company."
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <CodeField key={form.key('code')} {...form.getInputProps('code')} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={invite.isPending}>
            Make invitation
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
