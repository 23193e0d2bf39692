// The link of the mail: a password, and the company is there with its key.
import { Button, Stack, Text } from '@mantine/core'
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
import { SecretReveal } from '~/components/secret-reveal'
import { agentSetUp } from '~/lib/agent'
import { HOME } from '~/lib/can'
import { register, registrationQuery } from './queries'

const route = getRouteApi('/register/$token')
const schema = z
  .object({ password: newPassword, again: z.string() })
  .check(z.refine((v) => v.password === v.again, { path: ['again'], error: 'Not the same.' }))

export function ChoosePage() {
  const { token } = route.useParams()
  const link = useQuery(registrationQuery(token))
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '', again: '' },
    validate: schemaResolver(schema, { sync: true }),
  })
  const make = useMutation({
    mutationFn: (password: string) => register(token, password),
    onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
  })
  if (make.data) return <Made made={make.data} password={make.variables} />
  return (
    <OneTimeLink
      title="Register your company"
      query={link}
      used={make}
      ended={{
        text: 'It was used already, or is older than 24 hours.',
        action: (
          <ButtonLink to="/register" fullWidth>
            Ask for a new link
          </ButtonLink>
        ),
      }}
    >
      {({ email, company_name }) => (
        <FrontDoor
          title={`Welcome to ${company_name}`}
          text="Choose a password. Then the company is made, and you are its first admin."
        >
          <form onSubmit={form.onSubmit(({ password }) => make.mutate(password))} noValidate>
            <Stack>
              <FormProblem error={make.error} />
              <NewPasswordFields email={email} label="Password" form={form} />
              <Button type="submit" loading={make.isPending} fullWidth>
                Make the company
              </Button>
            </Stack>
          </form>
        </FrontDoor>
      )}
    </OneTimeLink>
  )
}

type MadeProps = { made: Answer<'/api/registrations/{token}', 'post'>; password: string }

function Made({ made: { email, company_id, company_key }, password }: MadeProps) {
  const router = useRouter()
  const cache = useQueryClient()
  const enter = async () => {
    // The link is used up: should this fail, the sign-in page is the place to try again.
    const identity = await session.signIn({ email, password, company_id }).catch(() => null)
    cache.clear()
    await router.navigate({ to: identity ? HOME[identity.role] : '/login', replace: true })
  }
  return (
    <FrontDoor title="Your company is there" key="made">
      <Stack>
        <Text size="sm">
          Each computer’s agent is set up with the company’s key and its person’s own sign-in.
        </Text>
        <SecretReveal
          fileName="company-key.txt"
          note="Keep the key safe. You can have it shown again later with your password."
          secrets={[
            { label: 'Company key', value: company_key },
            { label: 'Agent set-up', value: agentSetUp(company_key) },
          ]}
          done="Open the portal"
          onDone={() => void enter()}
        />
      </Stack>
    </FrontDoor>
  )
}
