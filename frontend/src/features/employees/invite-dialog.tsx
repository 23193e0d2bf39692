// Inviting somebody: address, role and team, then the link to hand over. Or many at once, by mail.
import { Button, Group, Modal, Radio, Stack, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import { FormProblem } from '~/components/form-problem'
import { teamChoicesQuery } from '~/components/teams/queries'
import { TeamSelect } from '~/components/teams/team-select'
import { InvitationLink } from './invitation-link'
import { InviteMany } from './invite-many'
import { useInvite } from './queries'

const schema = z.object({
  email: z.email('Enter an e-mail address.'),
  name: z.string().check(z.maxLength(200)),
  role: z.enum(['EMPLOYEE', 'ADMIN']),
  team: z.string(),
})
type Values = z.infer<typeof schema>

export default function InviteDialog({ onClose }: { onClose: () => void }) {
  const invite = useInvite()
  const [many, setMany] = useState(false)
  return (
    <Modal
      opened
      onClose={onClose}
      size={many ? 'lg' : 'md'}
      title={invite.data ? 'Invitation made' : many ? 'Invite many' : 'Invite somebody'}
      closeOnClickOutside={!invite.data && !many}
    >
      {invite.data ? (
        <Stack>
          <InvitationLink invited={invite.data} />
          <Group justify="flex-end">
            <Button variant="default" onClick={invite.reset}>
              Invite another
            </Button>
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : many ? (
        <InviteMany onOne={() => setMany(false)} onClose={onClose} />
      ) : (
        <Form invite={invite} onMany={() => setMany(true)} onClose={onClose} />
      )}
    </Modal>
  )
}

type FormProps = {
  invite: ReturnType<typeof useInvite>
  onMany: () => void
  onClose: () => void
}

function Form({ invite, onMany, onClose }: FormProps) {
  const teams = useQuery(teamChoicesQuery).data?.items ?? []
  const form = useForm<Values>({
    mode: 'uncontrolled',
    initialValues: { email: '', name: '', role: 'EMPLOYEE', team: '' },
    validate: schemaResolver(schema, { sync: true }),
  })
  const submit = form.onSubmit(({ email, name, role, team }) =>
    invite.mutate(
      {
        email: email.trim(),
        role,
        ...(name.trim() ? { name: name.trim() } : {}),
        ...(team ? { team_id: team } : {}),
      },
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
        <TeamSelect teams={teams} key={form.key('team')} {...form.getInputProps('team')} />
        <Group justify="space-between">
          <Button variant="subtle" px={0} onClick={onMany}>
            Invite many at once
          </Button>
          <Group gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={invite.isPending}>
              Make invitation
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}
