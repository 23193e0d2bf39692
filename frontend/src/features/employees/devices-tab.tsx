// A person's devices and open sign-ins.
import { useQuery } from '@tanstack/react-query'
import { useMe } from '~/api/me'
import { DevicesCard } from '~/components/devices/devices-card'
import { whyNotChangePeople } from '~/lib/can'
import { plural } from '~/lib/format'
import { signInCountsQuery } from './queries'

export default function DevicesTab({ id }: { id: string }) {
  const me = useMe()
  const counts = useQuery({ ...signInCountsQuery(id), enabled: me.role === 'ADMIN' }).data
  return (
    <DevicesCard
      id={id}
      purpose={
        counts
          ? `Signed in with ${plural(counts.portals, 'browser')} and ${plural(counts.agents, 'agent')}.`
          : 'Where the agent is set up.'
      }
      nothing="It appears here when this person signs in to the agent."
      readOnly={whyNotChangePeople(me)}
    />
  )
}
