// A new key: works at once, while the old one goes on for a time that the owner chooses.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import { useZone } from '~/api/me'
import type { Answer } from '~/api/types'
import { CodeField, withCode } from '~/components/code-field'
import { FormProblem } from '~/components/form-problem'
import { PasswordField } from '~/components/password-field'
import { RouteDialog } from '~/components/route-dialog'
import { SecretReveal } from '~/components/secret-reveal'
import { plural } from '~/lib/format'
import { formatDateTime } from '~/lib/time'
import { useRotateKey } from './changes'
import { useCompanyDialog } from './use-dialog'

const LONGEST_GRACE = 30
const isGrace = (text: string) => /^\d{1,2}$/.test(text.trim()) && Number(text) <= LONGEST_GRACE
const schema = z.object({
  grace_days: z.string().check(z.refine(isGrace, `0 to ${LONGEST_GRACE} days.`)),
  reason: z.string().check(z.trim(), z.minLength(1, 'Say why.'), z.maxLength(500)),
  password: z.string().check(z.minLength(1, 'Enter your password.')),
  code: z.string(),
})

export function RotateKeyDialog() {
  const { companyId, company, close } = useCompanyDialog()
  const rotate = useRotateKey(companyId)
  return (
    <RouteDialog
      title={rotate.data ? 'The new key' : 'Make a new key'}
      onClose={close}
      locked={Boolean(rotate.data)}
    >
      {rotate.data ? (
        <Rotated slug={company.data?.slug ?? 'company'} rotated={rotate.data} onDone={close} />
      ) : (
        <Form devices={company.data?.key.devices} rotate={rotate} onCancel={close} />
      )}
    </RouteDialog>
  )
}

type FormProps = {
  /** Unknown until the company is there: the question can be asked without. */
  devices: number | undefined
  rotate: ReturnType<typeof useRotateKey>
  onCancel: () => void
}

function Form({ devices, rotate, onCancel }: FormProps) {
  const form = useForm({
    initialValues: { grace_days: '7', reason: 'Routine', password: '', code: '' },
    validate: schemaResolver(schema, { sync: true }),
  })
  const submit = form.onSubmit(({ grace_days, ...rest }) =>
    rotate.mutate(withCode({ ...rest, grace_days: Number(grace_days) }), {
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm">
          The new key works at once. {devices === undefined ? 'Agents' : plural(devices, 'device')}{' '}
          on the present one{' '}
          {form.values.grace_days === '0' ? (
            <strong>will be refused until they are set up again.</strong>
          ) : (
            'can be set up again until it ends.'
          )}
        </Text>
        <FormProblem error={rotate.error} />
        <TextInput
          label="Days the old key goes on working"
          description={`0 to ${LONGEST_GRACE}. 0 ends it at once: for a key that is compromised.`}
          inputMode="numeric"
          maxLength={2}
          {...form.getInputProps('grace_days')}
        />
        <TextInput
          label="Reason"
          description="Goes into the audit log."
          maxLength={500}
          {...form.getInputProps('reason')}
        />
        <PasswordField {...form.getInputProps('password')} />
        <CodeField {...form.getInputProps('code')} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel} data-autofocus>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={rotate.isPending}
            {...(form.values.grace_days === '0' ? { color: 'red.9' } : {})}
          >
            Make a new key
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

type RotatedProps = {
  slug: string
  rotated: Answer<'/api/owner/companies/{company_id}/rotate-key', 'post'>
  onDone: () => void
}

function Rotated({ slug, rotated, onDone }: RotatedProps) {
  const zone = useZone()
  const ends = rotated.old_key_expires_at
  const old =
    ends && new Date(ends) > new Date()
      ? `The old key works until ${formatDateTime(ends, zone)}.`
      : 'The old key has ended.'
  if (!rotated.company_key)
    return (
      <Stack>
        <Text size="sm">
          {old} An attempt before this one made the new key, but its answer did not arrive: reveal
          the key with your password.
        </Text>
        <Group justify="flex-end">
          <Button onClick={onDone}>Done</Button>
        </Group>
      </Stack>
    )
  return (
    <SecretReveal
      fileName={`${slug}-key.txt`}
      note={`${old} Hand the new one to the company’s admins, who set up the agents.`}
      secrets={[{ label: 'Company key', value: rotated.company_key }]}
      done="Done"
      onDone={onDone}
    />
  )
}
