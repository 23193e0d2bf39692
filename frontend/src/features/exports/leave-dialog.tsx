// Cancels the company: after its name, which proves that it is meant, and the admin's own password.
import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { asAppError, fieldErrors } from '~/api/errors'
import { useMe } from '~/api/me'
import { CodeField, withCode } from '~/components/code-field'
import { FormProblem } from '~/components/form-problem'
import { PasswordField } from '~/components/password-field'
import { useLeave } from './queries'

export default function LeaveDialog({ onClose }: { onClose: () => void }) {
  const name = useMe().company?.name ?? ''
  const leave = useLeave()
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', reason: '', password: '', code: '' },
    validate: {
      name: (typed) => (typed.trim() === name ? null : `Type ${name}, as it is written here.`),
      password: (value) => (value ? null : 'Enter your password.'),
    },
  })
  const submit = form.onSubmit(({ name, reason, ...stepUp }) => {
    const why = reason.trim() ? { reason: reason.trim() } : {}
    leave.mutate(
      { name: name.trim(), ...why, ...withCode(stepUp) },
      { onSuccess: onClose, onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))) },
    )
  })
  return (
    <Modal opened onClose={onClose} title={`Cancel ${name}?`}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text size="sm">
            Agents are refused at once, and nothing more is paid. For thirty days you can sign in,
            read and export, and your provider can bring the company back. Then everything is
            erased: people, what was recorded, pictures, settings.
          </Text>
          <FormProblem error={leave.error} />
          <TextInput
            label={`Type ${name} to confirm`}
            autoComplete="off"
            maxLength={120}
            data-autofocus
            key={form.key('name')}
            {...form.getInputProps('name')}
          />
          <Textarea
            label="Why (your provider reads it)"
            maxLength={500}
            autosize
            minRows={2}
            key={form.key('reason')}
            {...form.getInputProps('reason')}
          />
          <PasswordField
            description="It is written to the audit log."
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <CodeField key={form.key('code')} {...form.getInputProps('code')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Keep the company
            </Button>
            <Button type="submit" color="red.9" loading={leave.isPending}>
              Cancel the company
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
