// What an owner does with another one: a new link, deactivate, reactivate. Asks for the own password each time.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import type { OwnerAccount } from '~/api/types'
import { CodeField, withCode } from '~/components/code-field'
import { FormProblem } from '~/components/form-problem'
import { PasswordField } from '~/components/password-field'
import { RouteDialog } from '~/components/route-dialog'
import { StepUpForm } from '~/components/step-up-form'
import type { Act } from './columns'
import { OwnersLink } from './owners-link'
import { useRepeatInvitation, useSetOwnerActive } from './queries'

type ActDialogProps = { act: Act; owner: OwnerAccount; onClose: () => void }

export default function ActDialog({ act, owner, onClose }: ActDialogProps) {
  return act === 'repeat' ? (
    <Repeat owner={owner} onClose={onClose} />
  ) : (
    <SetActive owner={owner} active={act === 'reactivate'} onClose={onClose} />
  )
}

const password = { description: 'Asked again because an owner has power over every company.' }

function Repeat({ owner, onClose }: Omit<ActDialogProps, 'act'>) {
  const repeat = useRepeatInvitation(owner.id)
  return (
    <RouteDialog
      title={repeat.data ? 'Invitation made' : `New link for ${owner.name}`}
      onClose={onClose}
      locked={Boolean(repeat.data)}
    >
      {repeat.data ? (
        <OwnersLink invited={repeat.data} onDone={onClose} />
      ) : (
        <StepUpForm
          action={repeat}
          onSubmit={repeat.mutate}
          password={password}
          label="Make a new link"
          onCancel={onClose}
        >
          {owner.email} gets a new mail. The links before it do not work any more.
        </StepUpForm>
      )}
    </RouteDialog>
  )
}

const schema = z.object({
  reason: z.string().check(z.trim(), z.minLength(1, 'Say why.'), z.maxLength(500)),
  password: z.string().check(z.minLength(1, 'Enter your password.')),
  code: z.string(),
})

type SetActiveProps = { owner: OwnerAccount; active: boolean; onClose: () => void }

function SetActive({ owner, active, onClose }: SetActiveProps) {
  const set = useSetOwnerActive(owner.id, active)
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { reason: '', password: '', code: '' },
    validate: schemaResolver(schema, { sync: true }),
  })
  const submit = form.onSubmit((values) =>
    set.mutate(withCode(values), {
      onSuccess: onClose,
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  const { title, what, label } = wording(owner, active)
  return (
    <RouteDialog title={title} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text size="sm">{what}</Text>
          <FormProblem error={set.error} />
          <TextInput
            label="Reason"
            description="Goes into the audit log."
            maxLength={500}
            data-autofocus
            key={form.key('reason')}
            {...form.getInputProps('reason')}
          />
          <PasswordField
            {...password}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <CodeField key={form.key('code')} {...form.getInputProps('code')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={set.isPending} {...(active ? {} : { color: 'red.9' })}>
              {label}
            </Button>
          </Group>
        </Stack>
      </form>
    </RouteDialog>
  )
}

function wording({ name, status }: OwnerAccount, active: boolean) {
  if (active)
    return {
      title: `Reactivate ${name}`,
      what: 'Signs in again with password and two-factor as before.',
      label: 'Reactivate',
    }
  if (status === 'invited')
    return {
      title: `Take back the invitation of ${name}`,
      what: 'The links that were sent do not work any more.',
      label: 'Take back',
    }
  return {
    title: `Deactivate ${name}`,
    what: 'Every sign-in ends at once, and no new one is possible. What was done stays in the audit log.',
    label: 'Deactivate',
  }
}
