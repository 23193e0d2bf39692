// Accepting an invitation: a name and a password, then straight into the portal.
import { Button, List, PasswordInput, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { z } from 'zod/mini'
import { session } from '~/api/client'
import { asAppError, fieldErrors } from '~/api/errors'
import type { Answer } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { FrontDoor } from '~/components/front-door'
import { ButtonLink } from '~/components/links'
import { newPassword, SHORTEST } from '~/components/new-password'
import { Problem } from '~/components/problem'
import { HOME, ROLE_NAMES } from '~/lib/can'
import { browserZone, formatDateTime } from '~/lib/time'
import { acceptInvitation, invitationQuery } from './queries'

const route = getRouteApi('/invite/$token')
const schema = z
  .object({
    name: z.string().check(z.trim(), z.minLength(1, 'Enter your name.'), z.maxLength(200)),
    password: newPassword,
    again: z.string(),
  })
  .check(z.refine((v) => v.password === v.again, { path: ['again'], error: 'Not the same.' }))

export function InvitePage() {
  const { token } = route.useParams()
  const invitation = useQuery(invitationQuery(token))
  if (invitation.data) return <Accept token={token} invitation={invitation.data} />
  if (invitation.error) {
    const { status } = asAppError(invitation.error)
    if (status === 404 || status === 410) return <Invalid />
    return (
      <FrontDoor title="Invitation">
        <Problem error={invitation.error} onRetry={() => void invitation.refetch()} />
      </FrontDoor>
    )
  }
  return (
    <FrontDoor title="Invitation">
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
      text="It was used already, has expired, or was replaced by a newer one. Ask the person who invited you for a new link."
    >
      <ButtonLink to="/login" variant="default" fullWidth>
        Go to sign-in
      </ButtonLink>
    </FrontDoor>
  )
}

type Invitation = Answer<'/api/invitations/{token}'>

function Accept({ token, invitation }: { token: string; invitation: Invitation }) {
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: invitation.name ?? '', password: '', again: '' },
    validate: schemaResolver(schema, { sync: true }),
  })
  const accept = useAccept(token, (errors) => form.setErrors(errors))
  if (accept.error && [404, 410].includes(asAppError(accept.error).status)) return <Invalid />
  const where = invitation.company_name ?? 'this service'
  return (
    <FrontDoor
      title={`Welcome to ${where}`}
      text={`You are invited as ${ROLE_NAMES[invitation.role]}. The link is valid until ${formatDateTime(invitation.expires_at, browserZone())}.`}
    >
      <form onSubmit={form.onSubmit((values) => accept.mutate(values))} noValidate>
        <Stack>
          <FormProblem error={accept.error} />
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            value={invitation.email}
            readOnly
            variant="filled"
          />
          <TextInput
            label="Your name"
            autoComplete="name"
            key={form.key('name')}
            {...form.getInputProps('name')}
          />
          <PasswordInput
            label="Password"
            description={`At least ${SHORTEST} characters. A sentence works well.`}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <PasswordInput
            label="Password again"
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the second password' }}
            key={form.key('again')}
            {...form.getInputProps('again')}
          />
          {invitation.role === 'EMPLOYEE' && <Notice company={where} />}
          <Button type="submit" loading={accept.isPending} fullWidth>
            Set password and sign in
          </Button>
        </Stack>
      </form>
    </FrontDoor>
  )
}

/** Accepts, then signs in with what was typed: nobody should have to type a new password twice more. */
function useAccept(token: string, onFields: (errors: Record<string, string>) => void) {
  const router = useRouter()
  const cache = useQueryClient()
  return useMutation({
    mutationFn: async ({ name, password }: { name: string; password: string }) => {
      const accepted = await acceptInvitation(token, { name: name.trim(), password })
      const company = accepted.company_id ? { company_id: accepted.company_id } : {}
      // The link is used up now: should this fail, the sign-in page is the place to try again.
      return session.signIn({ email: accepted.email, password, ...company }).catch(() => null)
    },
    onSuccess: async (identity) => {
      cache.clear()
      await router.navigate({ to: identity ? HOME[identity.role] : '/login', replace: true })
    },
    onError: (thrown) => onFields(fieldErrors(asAppError(thrown))),
  })
}

function Notice({ company }: { company: string }) {
  return (
    <Text size="sm" c="dimmed" component="div">
      An agent on your computer records for {company}, only while you run it:
      <List size="sm" mt={4} withPadding>
        <List.Item>the application in front, its window title, web sites</List.Item>
        <List.Item>how many keys and clicks, never which</List.Item>
        <List.Item>pictures of the screen, if your company has switched them on</List.Item>
      </List>
      You see all of it in your portal.
    </Text>
  )
}
