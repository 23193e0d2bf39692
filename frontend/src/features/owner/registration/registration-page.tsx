// Self-service: whether anybody can register a company here, and what it begins with.
import {
  Button,
  Card,
  Checkbox,
  Group,
  NativeSelect,
  Skeleton,
  Stack,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { asAppError, fieldErrors } from '~/api/errors'
import type { Answer, Plan } from '~/api/types'
import { CopyField } from '~/components/copy-field'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { choosablePlansQuery } from '../plans/queries'
import { termsQuery, useChangeTerms } from './queries'

type Terms = Answer<'/api/owner/registration'>

export function RegistrationPage() {
  const terms = useQuery(termsQuery)
  const plans = useQuery(choosablePlansQuery)
  return (
    <Page
      title="Self-service"
      purpose="Companies that register themselves: a mail proves the address, then they begin on trial."
    >
      <Card maw={720} p={{ base: 'md', sm: 'xl' }}>
        <Loaded query={terms} skeleton={<Skeleton h={260} />}>
          {(seen) => (
            <Loaded query={plans} skeleton={<Skeleton h={260} />}>
              {({ items }) => <Form key={seen.version} seen={seen} plans={items} />}
            </Loaded>
          )}
        </Loaded>
      </Card>
    </Page>
  )
}

function Form({ seen, plans }: { seen: Terms; plans: Plan[] }) {
  const change = useChangeTerms()
  const form = useForm({
    initialValues: {
      is_open: seen.is_open,
      plan: seen.plan,
      currency: seen.currency,
      trial_days: String(seen.trial_days),
    },
    validate: {
      trial_days: (days) =>
        Number(days) >= 1 && Number(days) <= 366 ? null : 'A trial lasts 1 to 366 days.',
    },
  })
  const submit = form.onSubmit((values) =>
    change.mutate(
      { seen: seen.version, body: { ...values, trial_days: Number(values.trial_days) } },
      {
        onSuccess: () => notifications.show({ message: 'Saved.' }),
        onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
      },
    ),
  )
  const names = plans.map(({ name }) => name)
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <FormProblem error={change.error} />
        <Checkbox
          label="Anybody can register a company"
          description="When it is off, links that were mailed before do not work either."
          {...form.getInputProps('is_open', { type: 'checkbox' })}
        />
        {form.values.is_open && (
          <CopyField label="Address to give away" value={`${location.origin}/register`} />
        )}
        <Group align="flex-start">
          <NativeSelect
            label="Plan"
            data={names.includes(seen.plan) ? names : [seen.plan, ...names]}
            {...form.getInputProps('plan')}
          />
          <NativeSelect
            label="Currency"
            data={currenciesOf(plans, form.values.plan, seen.currency)}
            {...form.getInputProps('currency')}
          />
          <TextInput
            label="Days on trial"
            inputMode="numeric"
            maxLength={3}
            w={140}
            {...form.getInputProps('trial_days')}
          />
        </Group>
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function currenciesOf(plans: Plan[], name: string, seen: string): string[] {
  const prices = plans.find((plan) => plan.name === name)?.prices ?? []
  const monthly = prices.filter(({ period }) => period === 'month').map(({ currency }) => currency)
  return [...new Set([...monthly, seen])]
}
