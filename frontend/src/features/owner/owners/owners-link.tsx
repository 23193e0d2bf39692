// The link of an invitation, shown this once.

import { useZone } from '~/api/me'
import type { OwnerInvited } from '~/api/types'
import { SecretReveal } from '~/components/secret-reveal'
import { formatDateTime } from '~/lib/time'

type OwnersLinkProps = { invited: OwnerInvited; onDone: () => void }

export function OwnersLink({ invited: { owner, invitation_url }, onDone }: OwnersLinkProps) {
  const zone = useZone()
  const until = owner.invited_until ? `, until ${formatDateTime(owner.invited_until, zone)}` : ''
  return (
    <SecretReveal
      fileName="owner-invitation.txt"
      note={`A mail with a link is on its way to ${owner.email}. This one works as well: once${until}, and it is shown only now.`}
      secrets={[{ label: 'Invitation link', value: invitation_url ?? '' }]}
      done="Done"
      onDone={onDone}
    />
  )
}
