// Inviting somebody: address and role, then the link to hand over.
import { Button, Group, Modal, Radio, Stack, Text, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import { useZone } from '~/api/me'
import type { EmployeeInvited } from '~/api/types'
import { CopyField } from '~/components/copy-field'
import { FormProblem } from '~/components/form-problem'
import { formatDateTime } from '~/lib/time'
import { useInvite } from './queries'

const schema = z.object({
  email: z.email('Enter an e-mail address.'),
  name: z.string().check(z.maxLength(200)),
  role: z.enum(['EMPLOYEE', 'ADMIN']),
})
type Values = z.infer<typeof schema>

export default function InviteDialog({ onClose }: { onClose: () => void }) {
  const invite = useInvite()
  return (
    <Modal
      opened
      onClose={onClose}
      title={invite.data ? 'Invitation made' : 'Invite somebody'}
      closeOnClickOutside={!invite.data}
    >
      {invite.data ? (
        <Invited invited={invite.data} onMore={invite.reset} onClose={onClose} />
      ) : (
        <Form invite={invite} onClose={onClose} />
      )}
    </Modal>
  )
}

function Form({ invite, onClose }: { invite: ReturnType<typeof useInvite>; onClose: () => void }) {
  const form = useForm<Values>({
    mode: 'uncontrolled',
    initialValues: { email: '', name: '', role: 'EMPLOYEE' },
    validate: schemaResolver(schema, { sync: true }),
  })
  const submit = form.onSubmit(({ email, name, role }) =>
    invite.mutate(
      { email: email.trim(), role, ...(name.trim() ? { name: name.trim() } : {}) },
      { onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))) },
    ),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <FormProblem error={invite.error} />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="off"
          data-autofocus
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <TextInput
          label="Name (optional)"
          description="They can change it when they accept."
          autoComplete="off"
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <Radio.Group label="Role" key={form.key('role')} {...form.getInputProps('role')}>
          <Stack gap="xs" mt={4}>
            <Radio
              value="EMPLOYEE"
              label="Employee"
              description="Sees own days only, exactly as admins see them."
            />
            <Radio
              value="ADMIN"
              label="Admin"
              description="Sees everybody’s days, invites and deactivates people."
            />
          </Stack>
        </Radio.Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={invite.isPending}>
            Make invitation
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

type InvitedProps = { invited: EmployeeInvited; onMore: () => void; onClose: () => void }

function Invited({ invited, onMore, onClose }: InvitedProps) {
  const zone = useZone()
  return (
    <Stack>
      <Text size="sm">
        Send this link to {invited.email}. It works once, until{' '}
        {formatDateTime(invited.expires_at, zone)}, and is shown only now.
      </Text>
      <CopyField label="Invitation link" value={invited.invitation_url ?? ''} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onMore}>
          Invite another
        </Button>
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  )
}
