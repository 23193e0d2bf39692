// New recovery codes, or none and no second factor: after password and code.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { asAppError, fieldErrors } from '~/api/errors'
import { CodeInput } from '~/components/code-field'
import { FormProblem } from '~/components/form-problem'
import { PasswordField } from '~/components/password-field'
import { useEndTwoFactor, useReplaceRecoveryCodes } from './queries'
import { RecoveryCodes } from './recovery-codes'

type AgainDialogProps = { what: 'codes' | 'end'; onClose: () => void }

export default function AgainDialog({ what, onClose }: AgainDialogProps) {
  const replace = useReplaceRecoveryCodes()
  const end = useEndTwoFactor()
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { password: '', code: '' },
    validate: {
      password: (value) => (value ? null : 'Enter your password.'),
      code: (value) => (value.trim().length < 6 ? 'Enter the six digits.' : null),
    },
  })
  const onError = (thrown: unknown) => form.setErrors(fieldErrors(asAppError(thrown)))
  const submit = form.onSubmit(({ password, code }) => {
    const body = { password, code: code.trim() }
    if (what === 'codes') return replace.mutate(body, { onError })
    return end.mutate(body, {
      onError,
      onSuccess: () => {
        notifications.show({ message: 'Two-factor is switched off.' })
        onClose()
      },
    })
  })
  if (replace.data)
    return (
      <Modal
        opened
        onClose={onClose}
        title="Your recovery codes"
        closeOnClickOutside={false}
        closeOnEscape={false}
        withCloseButton={false}
      >
        <RecoveryCodes codes={replace.data.recovery_codes} onDone={onClose} />
      </Modal>
    )
  return (
    <Modal
      opened
      onClose={onClose}
      title={what === 'codes' ? 'New recovery codes' : 'Switch two-factor off?'}
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text size="sm">
            {what === 'codes'
              ? 'The old codes are void from then on.'
              : 'Your password alone will open your account again.'}
          </Text>
          <FormProblem error={replace.error ?? end.error} />
          <PasswordField
            description={undefined}
            data-autofocus
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <CodeInput key={form.key('code')} {...form.getInputProps('code')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={replace.isPending || end.isPending}
              {...(what === 'end' ? { color: 'red.9' } : {})}
            >
              {what === 'codes' ? 'Make new codes' : 'Switch off'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
