// Suspending a company with a reason, and taking it back.
import { Button, Group, List, Stack, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { asAppError, fieldErrors } from '~/api/errors'
import { FormProblem } from '~/components/form-problem'
import { RouteDialog } from '~/components/route-dialog'
import { plural } from '~/lib/format'
import { useReactivate, useSuspend } from './changes'
import { devicesOf } from './terms'
import { useCompanyDialog } from './use-dialog'

const LONGEST = 500

export function SuspendDialog() {
  const { companyId, company, close } = useCompanyDialog()
  const suspend = useSuspend(companyId)
  const name = company.data?.name ?? 'the company'
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { reason: '' },
    validate: { reason: (value) => (value.trim() ? null : 'Say why: the history keeps it.') },
  })
  const submit = form.onSubmit(({ reason }) =>
    suspend.mutate(
      { reason: reason.trim() },
      {
        onSuccess: () => {
          notifications.show({ message: `${name} is suspended.` })
          close()
        },
        onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
      },
    ),
  )
  return (
    <RouteDialog title={`Suspend ${name}?`} onClose={close}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <List size="sm" spacing={4}>
            <List.Item>
              {company.data ? `Agents on ${plural(devicesOf(company.data), 'device')}` : 'Agents'}{' '}
              are refused within a second. They keep recording and send it later.
            </List.Item>
            <List.Item>Admins can read and export, and change nothing.</List.Item>
            <List.Item>Employees are told that the company is inactive.</List.Item>
            <List.Item>Nothing is deleted. You can reactivate at any time.</List.Item>
          </List>
          <FormProblem error={suspend.error} />
          <Textarea
            label="Reason"
            autosize
            minRows={2}
            maxLength={LONGEST}
            key={form.key('reason')}
            {...form.getInputProps('reason')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              Cancel
            </Button>
            <Button type="submit" color="red.9" loading={suspend.isPending}>
              Suspend
            </Button>
          </Group>
        </Stack>
      </form>
    </RouteDialog>
  )
}

export function ReactivateDialog() {
  const { companyId, company, close } = useCompanyDialog()
  const reactivate = useReactivate(companyId)
  const name = company.data?.name ?? 'the company'
  const form = useForm({ mode: 'uncontrolled', initialValues: { reason: '' } })
  const submit = form.onSubmit(({ reason }) =>
    reactivate.mutate(reason.trim() ? { reason: reason.trim() } : {}, {
      onSuccess: () => {
        notifications.show({ message: `${name} is active again.` })
        close()
      },
    }),
  )
  return (
    <RouteDialog title={`Reactivate ${name}?`} onClose={close}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Text size="sm">
            Agents are let in at once and send what they kept. Admins and employees work as before.
          </Text>
          {company.data?.suspended_reason && (
            <Text size="sm" c="dimmed">
              Suspended because: {company.data.suspended_reason}
            </Text>
          )}
          <FormProblem error={reactivate.error} />
          <Textarea
            label="Reason (optional)"
            autosize
            minRows={2}
            maxLength={LONGEST}
            key={form.key('reason')}
            {...form.getInputProps('reason')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={reactivate.isPending} data-autofocus>
              Reactivate
            </Button>
          </Group>
        </Stack>
      </form>
    </RouteDialog>
  )
}
