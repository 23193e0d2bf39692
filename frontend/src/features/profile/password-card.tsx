// A new password, after the old one. Everything else that is signed in as this person is signed out by it.
import { Button, Card, Group, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import { useMe } from '~/api/me'
import { CodeField, withCode } from '~/components/code-field'
import { FormProblem } from '~/components/form-problem'
import { newPassword, SHORTEST } from '~/components/new-password'
import { PasswordField } from '~/components/password-field'
import { useChangePassword } from './queries'

const schema = z
  .object({
    password: z.string().check(z.minLength(1, 'Enter your present password.')),
    code: z.string(),
    new_password: newPassword,
    again: z.string(),
  })
  .check(z.refine((v) => v.new_password === v.again, { path: ['again'], error: 'Not the same.' }))

export function PasswordCard() {
  const me = useMe()
  const change = useChangePassword()
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '', code: '', new_password: '', again: '' },
    validate: schemaResolver(schema, { sync: true }),
  })
  const submit = form.onSubmit(({ password, code, new_password }) =>
    change.mutate(withCode({ password, code, new_password }), {
      onSuccess: () => {
        form.reset()
        notifications.show({
          message: 'Your password is changed. You are signed out everywhere else.',
        })
      },
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  return (
    <Card component="section" aria-label="Password">
      <Title order={2} size="h5">
        Password
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        A new one signs you out everywhere else, agents included.
      </Text>
      <form onSubmit={submit} noValidate>
        <Stack maw={420}>
          <FormProblem error={change.error} />
          <input type="text" autoComplete="username" value={me.email} readOnly hidden />
          <PasswordField
            label="Present password"
            description={undefined}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <CodeField key={form.key('code')} {...form.getInputProps('code')} />
          <PasswordInput
            label="New password"
            description={`At least ${SHORTEST} characters. Four words that do not belong together work well.`}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the new password' }}
            key={form.key('new_password')}
            {...form.getInputProps('new_password')}
          />
          <PasswordInput
            label="New password again"
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the second new password' }}
            key={form.key('again')}
            {...form.getInputProps('again')}
          />
          <Group>
            <Button type="submit" loading={change.isPending}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  )
}
