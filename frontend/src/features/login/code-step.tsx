// The password was right, and the account has two-factor on.
import { Anchor, Button, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { CodeInput } from '~/components/code-field'
import { FormProblem } from '~/components/form-problem'
import { FrontDoor } from '~/components/front-door'

type CodeStepProps = {
  error: unknown
  busy: boolean
  onCode: (code: string) => void
  onBack: () => void
}

export function CodeStep({ error, busy, onCode, onBack }: CodeStepProps) {
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { code: '' },
    validate: { code: (value) => (value.trim().length < 6 ? 'Enter the six digits.' : null) },
  })
  return (
    <FrontDoor
      title="Enter your code"
      text="Open your authenticator app. Lost it? Use a recovery code."
    >
      <form onSubmit={form.onSubmit(({ code }) => onCode(code.trim()))} noValidate>
        <Stack>
          <FormProblem error={error} />
          <CodeInput
            description={undefined}
            autoFocus
            key={form.key('code')}
            {...form.getInputProps('code')}
          />
          <Button type="submit" loading={busy} fullWidth>
            Sign in
          </Button>
          <Anchor component="button" type="button" size="sm" onClick={onBack}>
            Back to sign-in
          </Anchor>
        </Stack>
      </form>
    </FrontDoor>
  )
}
