// Requires two-factor of everybody, or leaves it to each: after the admin's own password.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { asAppError, fieldErrors } from '~/api/errors'
import { CodeField, withCode } from '~/components/code-field'
import { FormProblem } from '~/components/form-problem'
import { PasswordField } from '~/components/password-field'
import { useChangeSignInPolicy } from './queries'

type ChangeDialogProps = { required: boolean; onClose: () => void }

export default function ChangeDialog({ required, onClose }: ChangeDialogProps) {
  const change = useChangeSignInPolicy()
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '', code: '' },
    validate: { password: (value) => (value ? null : 'Enter your password.') },
  })
  const submit = form.onSubmit((values) =>
    change.mutate(
      { two_factor_required: required, ...withCode(values) },
      {
        onSuccess: () => {
          notifications.show({
            message: required
              ? 'Two-factor is required now.'
              : 'Two-factor is left to each person now.',
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
      title={required ? 'Require two-factor?' : 'Leave two-factor to each person?'}
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text size="sm">
            {required
              ? 'In force at once: people who have not set it up are led there before anything else. Nobody is signed out, and agents go on recording.'
              : 'Who has it on keeps it, and may switch it off.'}
          </Text>
          <FormProblem error={change.error} />
          <PasswordField
            description="Asked again because it changes how everybody signs in. It is written to the audit log."
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
              {required ? 'Require it' : 'Leave it to them'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
