// The link of an invitation, which is shown this once.
import { Stack, Text } from '@mantine/core'
import { useZone } from '~/api/me'
import type { EmployeeInvited } from '~/api/types'
import { CopyField } from '~/components/copy-field'
import { formatDateTime } from '~/lib/time'

export function InvitationLink({ invited }: { invited: EmployeeInvited }) {
  const zone = useZone()
  return (
    <Stack>
      <Text size="sm">
        {invited.email} gets a link by mail. You can hand over this one instead: it works once,
        until {formatDateTime(invited.expires_at, zone)}, and is shown only now.
      </Text>
      <CopyField label="Invitation link" value={invited.invitation_url ?? ''} />
    </Stack>
  )
}
