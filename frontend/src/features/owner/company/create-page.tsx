// A new company: its data, then its key and its first admin's link, shown once.
import {
  Alert,
  Button,
  Card,
  Group,
  NativeSelect,
  Skeleton,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useBlocker, useNavigate } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import { useState } from 'react'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import type { CompanyCreated, Period, Plan } from '~/api/types'
import { BackLink } from '~/components/back-link'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { PlanCards } from '~/components/plan-cards'
import { SecretReveal } from '~/components/secret-reveal'
import { ZoneSelect } from '~/components/zone-select'
import { agentSetUp } from '~/lib/agent'
import { browserZone } from '~/lib/time'
import { choosablePlansQuery } from '../plans/queries'
import { useCreateCompany } from './changes'
import { SlugField } from './slug-field'

const schema = z.object({
  name: z.string().check(z.trim(), z.minLength(1, 'Enter the company’s name.'), z.maxLength(200)),
  admin_email: z.email('Enter the e-mail address of the first admin.'),
  plan: z.string().check(z.minLength(1, 'Choose a plan.')),
  currency: z.string(),
  period: z.enum(['month', 'year']),
  time_zone: z.string().check(z.minLength(1, 'Choose a time zone.')),
  slug: z
    .string()
    .check(
      z.regex(/^([a-z0-9](-?[a-z0-9])*)?$/, 'Lower-case letters, digits and single hyphens.'),
      z.maxLength(60),
    ),
  trial_days: z
    .string()
    .check(z.refine((days) => Number(days) >= 1 && Number(days) <= 366, '1 to 366 days.')),
})

export function CreateCompanyPage() {
  const [created, setCreated] = useState<CompanyCreated>()
  return (
    <Page
      title="New company"
      back={<BackLink to="/owner/dashboard">Companies</BackLink>}
      purpose={
        created
          ? undefined
          : 'It starts on trial. Its first admin gets a link to set a name and a password.'
      }
    >
      {created ? <Created created={created} /> : <Form onCreated={setCreated} />}
    </Page>
  )
}

function Form({ onCreated }: { onCreated: (created: CompanyCreated) => void }) {
  const plans = useQuery(choosablePlansQuery)
  const create = useCreateCompany()
  const form = useForm({
    initialValues: {
      name: '',
      admin_email: '',
      plan: 'FREE',
      currency: 'USD',
      period: 'month' as Period,
      time_zone: browserZone(),
      slug: '',
      trial_days: '14',
    },
    validate: schemaResolver(schema, { sync: true }),
  })
  const submit = form.onSubmit((values) =>
    create.mutate(
      {
        ...values,
        name: values.name.trim(),
        slug: values.slug || undefined,
        trial_days: Number(values.trial_days),
      },
      {
        onSuccess: onCreated,
        onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
      },
    ),
  )
  return (
    <Card maw={720} p={{ base: 'md', sm: 'xl' }}>
      <form onSubmit={submit} noValidate>
        <Stack gap="lg">
          <FormProblem error={create.error} />
          <TextInput
            label="Company name"
            autoComplete="organization"
            maxLength={200}
            {...form.getInputProps('name')}
          />
          <SlugField
            name={form.values.name}
            slug={form.values.slug}
            error={form.errors.slug}
            onChange={(slug) => form.setFieldValue('slug', slug)}
          />
          <TextInput
            label="E-mail of the first admin"
            description="The one personal datum you see of a company."
            type="email"
            autoComplete="off"
            {...form.getInputProps('admin_email')}
          />
          <Loaded query={plans} skeleton={<Skeleton h={110} />}>
            {({ items }) => (
              <>
                <Group align="flex-end">
                  <NativeSelect
                    label="Currency"
                    data={currenciesOf(items)}
                    {...form.getInputProps('currency')}
                  />
                  <NativeSelect
                    label="Paid"
                    data={[
                      { value: 'month', label: 'By the month' },
                      { value: 'year', label: 'By the year' },
                    ]}
                    {...form.getInputProps('period')}
                  />
                </Group>
                <PlanCards
                  label="Plan"
                  plans={items}
                  currency={form.values.currency}
                  period={form.values.period}
                  value={form.values.plan}
                  onChange={(plan) => form.setFieldValue('plan', plan)}
                  error={form.errors.plan}
                />
              </>
            )}
          </Loaded>
          <TextInput
            label="Days on trial"
            inputMode="numeric"
            maxLength={3}
            maw={160}
            {...form.getInputProps('trial_days')}
          />
          <ZoneSelect
            label="Time zone"
            description="A day of the company begins and ends by this clock."
            {...form.getInputProps('time_zone')}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={create.isPending}>
              Create company
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  )
}

const currenciesOf = (plans: Plan[]) => [
  ...new Set(['USD', ...plans.flatMap(({ prices }) => prices.map(({ currency }) => currency))]),
]

const MAIL = {
  sent: 'A mail with a link is on its way to its first admin.',
  folder:
    'The mail to its first admin was written to the server’s mail folder: none is sent from here.',
  none: 'Mail is not configured: nobody gets one.',
} as const

function Created({ created }: { created: CompanyCreated }) {
  const navigate = useNavigate()
  const [stored, setStored] = useState(false)
  useBlocker({
    shouldBlockFn: () =>
      !window.confirm('The invitation link is shown only here. Leave without storing it?'),
    enableBeforeUnload: !stored,
    disabled: stored,
  })
  const done = () => {
    setStored(true)
    // The blocker has to see the change before the navigation asks it.
    setTimeout(
      () =>
        void navigate({
          to: '/owner/company/$companyId',
          params: { companyId: created.company.id },
        }),
    )
  }
  return (
    <Card maw={720} p={{ base: 'md', sm: 'xl' }}>
      <Stack gap="lg">
        <Alert
          role="status"
          color="teal"
          icon={<CircleCheck size={20} aria-hidden />}
          title={`${created.company.name} is created`}
          styles={{ title: { color: 'var(--mantine-color-text)' } }}
        >
          <Text size="sm">
            {MAIL[created.mail]} Or send the invitation link over a channel you trust.
          </Text>
        </Alert>
        <SecretReveal
          fileName={`${created.company.slug}.txt`}
          note="The link is shown only now. The key can be shown again later with your password."
          secrets={[
            { label: 'Company key', value: created.company_key ?? '' },
            { label: 'Agent set-up', value: agentSetUp(created.company_key ?? '') },
            { label: 'Invitation link', value: created.invitation_url ?? '' },
          ]}
          done="Open the company"
          onDone={done}
        />
      </Stack>
    </Card>
  )
}
