// A new password by the link of a mail. Nobody is signed in by it: two-factor is asked for as always.
import { Button, Stack, Text } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import { FormProblem } from '~/components/form-problem'
import { FrontDoor } from '~/components/front-door'
import { ButtonLink } from '~/components/links'
import { newPassword } from '~/components/new-password'
import { NewPasswordFields } from '~/components/new-password-fields'
import { OneTimeLink } from '~/components/one-time-link'
import { resetPassword, resetQuery } from './queries'

const route = getRouteApi('/reset/$token')
const schema = z
  .object({ password: newPassword, again: z.string() })
  .check(z.refine((v) => v.password === v.again, { path: ['again'], error: 'Not the same.' }))

export function ChoosePage() {
  const { token } = route.useParams()
  const link = useQuery(resetQuery(token))
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '', again: '' },
    validate: schemaResolver(schema, { sync: true }),
  })
  const reset = useMutation({
    mutationFn: (password: string) => resetPassword(token, password),
    onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
  })
  if (reset.isSuccess) return <Changed />
  return (
    <OneTimeLink
      title="New password"
      query={link}
      used={reset}
      ended={{
        text: 'It was used already, is older than 30 minutes, or your password was changed since.',
        action: (
          <ButtonLink to="/reset" fullWidth>
            Ask for a new link
          </ButtonLink>
        ),
      }}
    >
      {({ email, company_name }) => (
        <FrontDoor
          title="Choose a new password"
          text={`For your account${company_name ? ` at ${company_name}` : ''}. It signs you out everywhere, agents included.`}
        >
          <form onSubmit={form.onSubmit(({ password }) => reset.mutate(password))} noValidate>
            <Stack>
              <FormProblem error={reset.error} />
              <NewPasswordFields email={email} label="New password" form={form} />
              <Button type="submit" loading={reset.isPending} fullWidth>
                Change password
              </Button>
            </Stack>
          </form>
        </FrontDoor>
      )}
    </OneTimeLink>
  )
}

function Changed() {
  return (
    <FrontDoor title="Your password is changed" key="changed">
      <Stack>
        <Text size="sm">You are signed out everywhere. Sign in with the new password.</Text>
        <ButtonLink to="/login" fullWidth>
          Go to sign-in
        </ButtonLink>
      </Stack>
    </FrontDoor>
  )
}
