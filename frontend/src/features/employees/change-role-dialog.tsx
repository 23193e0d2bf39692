// Makes somebody an admin, or an employee again: after the admin's own password.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { asAppError, fieldErrors } from '~/api/errors'
import type { Employee } from '~/api/types'
import { CodeField, withCode } from '~/components/code-field'
import { FormProblem } from '~/components/form-problem'
import { PasswordField } from '~/components/password-field'
import { useChangeRole } from './queries'

type ChangeRoleDialogProps = { person: Employee; onClose: () => void }

export function ChangeRoleDialog({ person, onClose }: ChangeRoleDialogProps) {
  const change = useChangeRole(person.id)
  const name = person.name || person.email
  const role = person.role === 'ADMIN' ? 'EMPLOYEE' : 'ADMIN'
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '', code: '' },
    validate: { password: (value) => (value ? null : 'Enter your password.') },
  })
  const submit = form.onSubmit(({ password, code }) =>
    change.mutate(
      { role, ...withCode({ password, code }) },
      {
        onSuccess: () => {
          notifications.show({
            message: `${name} is ${role === 'ADMIN' ? 'an admin' : 'an employee'} now.`,
          })
          onClose()
        },
        onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
      },
    ),
  )
  return (
    <Modal
      opened
      onClose={onClose}
      title={role === 'ADMIN' ? `Make ${name} an admin?` : `Make ${name} an employee?`}
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text size="sm">
            {role === 'ADMIN'
              ? `${name} will see everything that is recorded in the company, and may invite, deactivate and promote others.`
              : `${name} will see only what is recorded about them, and is signed out of the portal everywhere now.`}
          </Text>
          <FormProblem error={change.error} />
          <PasswordField
            description="Asked again because a role opens the data of others. It is written to the audit log."
            data-autofocus
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <CodeField key={form.key('code')} {...form.getInputProps('code')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={change.isPending}>
              {role === 'ADMIN' ? 'Make admin' : 'Make employee'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
