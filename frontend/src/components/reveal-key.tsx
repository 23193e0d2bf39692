// Shows a company's key after the password was asked again. The key lives in this dialog only.
import { Button, Group, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { asAppError, fieldErrors } from '~/api/errors'
import { CodeField, withCode } from './code-field'
import { CopyField } from './copy-field'
import { FormProblem } from './form-problem'
import { PasswordField } from './password-field'

type RevealKeyProps = {
  reveal: {
    mutate: (
      body: { password: string; code?: string },
      options: { onError: (thrown: unknown) => void },
    ) => void
    data: { company_key: string } | undefined
    error: unknown
    isPending: boolean
  }
  onClose: () => void
  children?: (key: string) => React.ReactNode
}

export function RevealKey({ reveal, onClose, children }: RevealKeyProps) {
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '', code: '' },
    validate: { password: (value) => (value ? null : 'Enter your password.') },
  })
  if (reveal.data)
    return (
      <Stack>
        <CopyField label="Company key" value={reveal.data.company_key} />
        {children?.(reveal.data.company_key)}
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    )
  const submit = form.onSubmit((values) =>
    reveal.mutate(withCode(values), {
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm">
          Agents use the key together with a person’s own sign-in. Whoever has it can write to the
          company, never read.
        </Text>
        <FormProblem error={reveal.error} />
        <PasswordField
          data-autofocus
          key={form.key('password')}
          {...form.getInputProps('password')}
        />
        <CodeField key={form.key('code')} {...form.getInputProps('code')} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={reveal.isPending}>
            Show the key
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
