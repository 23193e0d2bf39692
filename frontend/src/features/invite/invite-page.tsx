// Accepting an invitation: a name and a password, then straight into the portal.
import { Button, List, Stack, Text, TextInput } from '@mantine/core'
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
import { newPassword } from '~/components/new-password'
import { NewPasswordFields } from '~/components/new-password-fields'
import { OneTimeLink } from '~/components/one-time-link'
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
  const accept = useAccept(token)
  return (
    <OneTimeLink
      title="Invitation"
      query={invitation}
      used={accept}
      ended={{
        text: 'It was used already, has expired, or was replaced by a newer one. Ask the person who invited you for a new link.',
        action: (
          <ButtonLink to="/login" variant="default" fullWidth>
            Go to sign-in
          </ButtonLink>
        ),
      }}
    >
      {(data) => <Accept invitation={data} accept={accept} />}
    </OneTimeLink>
  )
}

type Invitation = Answer<'/api/invitations/{token}'>

type AcceptProps = { invitation: Invitation; accept: ReturnType<typeof useAccept> }

function Accept({ invitation, accept }: AcceptProps) {
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: invitation.name ?? '', password: '', again: '' },
    validate: schemaResolver(schema, { sync: true }),
  })
  const submit = form.onSubmit((values) =>
    accept.mutate(values, {
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  const where = invitation.company_name ?? 'this service'
  return (
    <FrontDoor
      title={`Welcome to ${where}`}
      text={`You are invited as ${ROLE_NAMES[invitation.role]}. The link is valid until ${formatDateTime(invitation.expires_at, browserZone())}.`}
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <FormProblem error={accept.error} />
          <NewPasswordFields email={invitation.email} label="Password" form={form}>
            <TextInput
              label="Your name"
              autoComplete="name"
              key={form.key('name')}
              {...form.getInputProps('name')}
            />
          </NewPasswordFields>
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
function useAccept(token: string) {
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
