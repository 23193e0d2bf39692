// The person once more, before something that needs it: the password, and a code where two-factor is on.
import { Button, Group, type PasswordInputProps, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { ReactNode } from 'react'
import { asAppError, fieldErrors } from '~/api/errors'
import { CodeField, withCode } from './code-field'
import { FormProblem } from './form-problem'
import { PasswordField } from './password-field'

type StepUpFormProps = {
  /** What it is about to do, in a sentence or two. */
  children: ReactNode
  /** Whose failure and waiting the form shows. */
  action: { error: unknown; isPending: boolean }
  onSubmit: (
    stepUp: { password: string; code?: string },
    options: { onError: (thrown: unknown) => void },
  ) => void
  /** Why the password is asked for, where it is not a key's door. */
  password?: Pick<PasswordInputProps, 'description'>
  label: string
  danger?: boolean
  /** Nothing is chosen that would change anything. */
  off?: boolean
  cancel?: string
  onCancel: () => void
}

export function StepUpForm({
  children,
  action,
  onSubmit,
  password,
  label,
  danger = false,
  off = false,
  cancel = 'Cancel',
  onCancel,
}: StepUpFormProps) {
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '', code: '' },
    validate: { password: (value) => (value ? null : 'Enter your password.') },
  })
  const submit = form.onSubmit((values) =>
    onSubmit(withCode(values), {
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm">{children}</Text>
        <FormProblem error={action.error} />
        <PasswordField
          {...password}
          data-autofocus
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <CodeField key={form.key('code')} {...form.getInputProps('code')} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {cancel}
          </Button>
          <Button
            type="submit"
            loading={action.isPending}
            disabled={off}
            {...(danger ? { color: 'red.9' } : {})}
          >
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
