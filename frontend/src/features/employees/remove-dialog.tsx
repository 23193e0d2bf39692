// Removes a person for good: after their address, which proves who is meant, and the admin's own password.
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useNavigate } from '@tanstack/react-router'
import { asAppError, fieldErrors } from '~/api/errors'
import type { Employee } from '~/api/types'
import { CodeField, withCode } from '~/components/code-field'
import { FormProblem } from '~/components/form-problem'
import { PasswordField } from '~/components/password-field'
import { useRemove } from './queries'

type RemoveDialogProps = { person: Employee; onClose: () => void }

export function RemoveDialog({ person, onClose }: RemoveDialogProps) {
  const remove = useRemove(person.id)
  const navigate = useNavigate()
  const name = person.name || person.email
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', password: '', code: '' },
    validate: {
      email: (typed) =>
        typed.trim().toLowerCase() === person.email
          ? null
          : `Type ${person.email}, as it is written here.`,
      password: (value) => (value ? null : 'Enter your password.'),
    },
  })
  const submit = form.onSubmit(({ email, ...stepUp }) =>
    remove.mutate(
      { email: email.trim(), ...withCode(stepUp) },
      {
        onSuccess: () => {
          notifications.show({ message: `${name} is being removed.` })
          onClose()
          void navigate({ to: '/removals' })
        },
        onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
      },
    ),
  )
  return (
    <Modal opened onClose={onClose} title={`Remove ${name} for good?`}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text size="sm">
            Everything recorded about {name} is erased: sessions, applications, sites, screenshots,
            devices, and who looked at them. Their hours leave your reports. Entries about other
            people stay, without the name. Nothing brings it back.
          </Text>
          <FormProblem error={remove.error} />
          <TextInput
            label={`Type ${person.email} to confirm`}
            autoComplete="off"
            spellCheck={false}
            maxLength={254}
            data-autofocus
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <PasswordField
            description="Your own. It is written to the audit log."
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <CodeField key={form.key('code')} {...form.getInputProps('code')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color="red.9" loading={remove.isPending}>
              Remove for good
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
