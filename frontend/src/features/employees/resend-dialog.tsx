// An invitation once more: a new mail, a new link, three more days.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { Employee } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { InvitationLink } from './invitation-link'
import { useResend } from './queries'

export function ResendDialog({ person, onClose }: { person: Employee; onClose: () => void }) {
  const resend = useResend(person.id)
  return (
    <Modal
      opened
      onClose={onClose}
      title={resend.data ? 'Invited again' : `Invite ${person.email} again?`}
      closeOnClickOutside={!resend.data}
    >
      {resend.data ? (
        <Stack>
          <InvitationLink invited={resend.data} />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <Stack>
          <Text size="sm">
            They get another mail, and three more days. Links that were sent before stop working.
          </Text>
          <FormProblem error={resend.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose} data-autofocus>
              Cancel
            </Button>
            <Button loading={resend.isPending} onClick={() => resend.mutate()}>
              Send again
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}
