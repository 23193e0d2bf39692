// Forgot the password: asks for a link. The answer is the same whether or not anybody has the address.
import { Button, Stack, Text, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import { FormProblem } from '~/components/form-problem'
import { FrontDoor } from '~/components/front-door'
import { AnchorLink } from '~/components/links'
import { askForReset } from './queries'

const schema = z.object({ email: z.email('Enter your e-mail address.') })

export function AskPage() {
  const ask = useMutation({ mutationFn: askForReset })
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '' },
    validate: schemaResolver(schema, { sync: true }),
  })
  if (ask.isSuccess) return <Asked email={ask.variables} />
  const submit = form.onSubmit(({ email }) =>
    ask.mutate(email, { onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))) }),
  )
  return (
    <FrontDoor
      title="Forgot your password?"
      text="We mail you a link with which you choose a new one."
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <FormProblem error={ask.error} />
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            inputMode="email"
            autoFocus
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <Button type="submit" loading={ask.isPending} fullWidth>
            Mail me a link
          </Button>
          <AnchorLink to="/login" size="sm">
            Back to sign-in
          </AnchorLink>
        </Stack>
      </form>
    </FrontDoor>
  )
}

function Asked({ email }: { email: string }) {
  return (
    <FrontDoor title="Look into your mail" key="asked">
      <Stack>
        <Text size="sm">
          If {email} has an account here, a link is on its way. It is good for 30 minutes and for
          one use.
        </Text>
        <Text size="sm" c="dimmed">
          Nothing there after a few minutes? Look into the spam folder, and check the address with
          your administrator.
        </Text>
        <AnchorLink to="/login" size="sm">
          Back to sign-in
        </AnchorLink>
      </Stack>
    </FrontDoor>
  )
}
