// A new password by the link of a mail. Nobody is signed in by it: two-factor is asked for as always.
import { Button, PasswordInput, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import type { Answer } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { FrontDoor } from '~/components/front-door'
import { ButtonLink } from '~/components/links'
import { newPassword, SHORTEST } from '~/components/new-password'
import { Problem } from '~/components/problem'
import { resetPassword, resetQuery } from './queries'

const route = getRouteApi('/reset/$token')
const schema = z
  .object({ password: newPassword, again: z.string() })
  .check(z.refine((v) => v.password === v.again, { path: ['again'], error: 'Not the same.' }))

export function ChoosePage() {
  const { token } = route.useParams()
  const link = useQuery(resetQuery(token))
  if (link.data) return <Choose token={token} link={link.data} />
  if (link.error) {
    if (asAppError(link.error).status === 404) return <Invalid />
    return (
      <FrontDoor title="New password">
        <Problem error={link.error} onRetry={() => void link.refetch()} />
      </FrontDoor>
    )
  }
  return (
    <FrontDoor title="New password">
      <Stack className="late" aria-busy="true">
        <Skeleton h={60} />
        <Skeleton h={60} />
        <Skeleton h={36} />
      </Stack>
    </FrontDoor>
  )
}

function Invalid() {
  return (
    <FrontDoor
      title="This link is not valid any more"
      text="It was used already, is older than 30 minutes, or your password was changed since."
    >
      <ButtonLink to="/reset" fullWidth>
        Ask for a new link
      </ButtonLink>
    </FrontDoor>
  )
}

function Choose({ token, link }: { token: string; link: Answer<'/api/reset/{token}'> }) {
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
  if (reset.error && asAppError(reset.error).status === 404) return <Invalid />
  return (
    <FrontDoor
      title="Choose a new password"
      text={`For your account${link.company_name ? ` at ${link.company_name}` : ''}. It signs you out everywhere, agents included.`}
    >
      <form onSubmit={form.onSubmit(({ password }) => reset.mutate(password))} noValidate>
        <Stack>
          <FormProblem error={reset.error} />
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            value={link.email}
            readOnly
            variant="filled"
          />
          <PasswordInput
            label="New password"
            description={`At least ${SHORTEST} characters. Four words that do not belong together work well.`}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <PasswordInput
            label="New password again"
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the second password' }}
            key={form.key('again')}
            {...form.getInputProps('again')}
          />
          <Button type="submit" loading={reset.isPending} fullWidth>
            Change password
          </Button>
        </Stack>
      </form>
    </FrontDoor>
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
