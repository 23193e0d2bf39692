// A company of one's own: who and where. Nothing is made before the link of the mail is opened.
import { Button, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { useMutation, useQuery } from '@tanstack/react-query'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import { FormProblem } from '~/components/form-problem'
import { FrontDoor } from '~/components/front-door'
import { AnchorLink, ButtonLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { ZoneSelect } from '~/components/zone-select'
import { browserZone } from '~/lib/time'
import { askToRegister, registrationStateQuery } from './queries'

const schema = z.object({
  company_name: z
    .string()
    .check(z.trim(), z.minLength(1, 'Enter the company’s name.'), z.maxLength(120)),
  name: z.string().check(z.trim(), z.minLength(1, 'Enter your name.'), z.maxLength(120)),
  email: z.email('Enter your e-mail address.'),
  time_zone: z.string().check(z.minLength(1, 'Choose a time zone.')),
})

export function AskPage() {
  const state = useQuery(registrationStateQuery)
  const ask = useMutation({ mutationFn: askToRegister })
  if (ask.isSuccess) return <Asked email={ask.variables.email} />
  if (state.data?.is_open === false) return <Closed />
  return (
    <FrontDoor
      title="Register your company"
      text="You try it first. We mail you a link with which you choose a password; nothing is made before."
    >
      <Loaded query={state} skeleton={<Skeleton h={320} />}>
        {() => <Form ask={ask} />}
      </Loaded>
    </FrontDoor>
  )
}

function Form({
  ask,
}: {
  ask: ReturnType<typeof useMutation<unknown, Error, Parameters<typeof askToRegister>[0]>>
}) {
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { company_name: '', name: '', email: '', time_zone: browserZone() },
    validate: schemaResolver(schema, { sync: true }),
  })
  const submit = form.onSubmit(({ company_name, name, email, time_zone }) =>
    ask.mutate(
      { company_name: company_name.trim(), name: name.trim(), email: email.trim(), time_zone },
      { onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))) },
    ),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <FormProblem error={ask.error} />
        <TextInput
          label="Company name"
          autoComplete="organization"
          maxLength={120}
          key={form.key('company_name')}
          {...form.getInputProps('company_name')}
        />
        <TextInput
          label="Your name"
          description="You become its first admin."
          autoComplete="name"
          maxLength={120}
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <TextInput
          label="Your e-mail"
          type="email"
          inputMode="email"
          autoComplete="email"
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <ZoneSelect
          label="Time zone"
          description="A day of the company begins and ends by this clock."
          key={form.key('time_zone')}
          {...form.getInputProps('time_zone')}
        />
        <Button type="submit" loading={ask.isPending} fullWidth>
          Mail me a link
        </Button>
        <AnchorLink to="/login" size="sm">
          Back to sign-in
        </AnchorLink>
      </Stack>
    </form>
  )
}

function Asked({ email }: { email: string }) {
  return (
    <FrontDoor title="Look into your mail" key="asked">
      <Stack>
        <Text size="sm">A mail to {email} is on its way. Its link is good for 24 hours.</Text>
        <Text size="sm" c="dimmed">
          Nothing there after a few minutes? Look into the spam folder.
        </Text>
        <AnchorLink to="/login" size="sm">
          Back to sign-in
        </AnchorLink>
      </Stack>
    </FrontDoor>
  )
}

function Closed() {
  return (
    <FrontDoor
      title="Companies do not register themselves here"
      text="Whoever runs this service makes them. Ask there for yours."
      key="closed"
    >
      <ButtonLink to="/login" variant="default" fullWidth>
        Go to sign-in
      </ButtonLink>
    </FrontDoor>
  )
}
