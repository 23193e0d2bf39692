// For somebody who lost the app and the recovery codes: after the admin's own password.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { asAppError, fieldErrors } from '~/api/errors'
import type { Employee } from '~/api/types'
import { CodeField, withCode } from '~/components/code-field'
import { FormProblem } from '~/components/form-problem'
import { PasswordField } from '~/components/password-field'
import { useEndTwoFactorOf } from './queries'

type EndTwoFactorDialogProps = { person: Employee; onClose: () => void }

export function EndTwoFactorDialog({ person, onClose }: EndTwoFactorDialogProps) {
  const end = useEndTwoFactorOf(person.id)
  const name = person.name || person.email
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '', code: '' },
    validate: { password: (value) => (value ? null : 'Enter your password.') },
  })
  const submit = form.onSubmit((values) =>
    end.mutate(withCode(values), {
      onSuccess: () => {
        notifications.show({ message: `${name} signs in with the password alone now.` })
        onClose()
      },
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  return (
    <Modal opened onClose={onClose} title={`Switch ${name}’s two-factor off?`}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text size="sm">
            For who lost the app and the recovery codes. Make sure that it is {name} who asks: the
            password alone opens the account then. Every sign-in of theirs ends, and they are told
            by mail.
          </Text>
          <FormProblem error={end.error} />
          <PasswordField
            description="Asked again because it makes an account easier to take. It is written to the audit log."
            data-autofocus
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <CodeField key={form.key('code')} {...form.getInputProps('code')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color="red.9" loading={end.isPending}>
              Switch off
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
