// The end of a replaced key before its grace is over: for one that leaked, or that nobody uses any more.
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import { CodeField, withCode } from '~/components/code-field'
import { FormProblem } from '~/components/form-problem'
import { PasswordField } from '~/components/password-field'
import { RouteDialog } from '~/components/route-dialog'
import { plural } from '~/lib/format'
import { useEndOldKey } from './changes'
import { useCompanyDialog } from './use-dialog'

const schema = z.object({
  reason: z.string().check(z.trim(), z.minLength(1, 'Say why.'), z.maxLength(500)),
  password: z.string().check(z.minLength(1, 'Enter your password.')),
  code: z.string(),
})

export function EndOldKeyDialog() {
  const { companyId, company, close } = useCompanyDialog()
  const end = useEndOldKey(companyId)
  const form = useForm({
    initialValues: { reason: '', password: '', code: '' },
    validate: schemaResolver(schema, { sync: true }),
  })
  const submit = form.onSubmit((values) =>
    end.mutate(withCode(values), {
      onSuccess: () => {
        notifications.show({ message: 'The old key has ended.' })
        close()
      },
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  const devices = company.data?.key.old_key_devices ?? 0
  return (
    <RouteDialog title="End the old key now?" onClose={close}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text size="sm">
            {devices > 0 ? (
              <strong>
                {plural(devices, 'device still uses it', 'devices still use it')} and will be
                refused until set up with the present key.
              </strong>
            ) : (
              'No device uses it any more.'
            )}{' '}
            It ends within a second, everywhere, and cannot be brought back.
          </Text>
          <FormProblem error={end.error} />
          <TextInput
            label="Reason"
            description="Goes into the audit log."
            maxLength={500}
            {...form.getInputProps('reason')}
          />
          <PasswordField {...form.getInputProps('password')} />
          <CodeField {...form.getInputProps('code')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              Cancel
            </Button>
            <Button type="submit" loading={end.isPending} color="red.9">
              End the old key
            </Button>
          </Group>
        </Stack>
      </form>
    </RouteDialog>
  )
}
