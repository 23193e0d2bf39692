// In the minutes of one's own day: what one contested of them with its answer, and the way to contest them.
import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMe } from '~/api/me'
import { AnchorLink } from '../links'
import { ContestButton } from './contest-button'
import { ownSlotsQuery } from './queries'
import { outcomeWords, slotOf } from './words'

const MINUTE = 60_000

export function OwnDisputes({ from, to }: { from: number; to: number }) {
  const listed = useQuery(ownSlotsQuery(useMe().id)).data?.items ?? []
  const met = listed.filter((one) => {
    const slot = slotOf(one)
    return slot && Date.parse(slot.started_at) < to && from < Date.parse(slot.ended_at)
  })
  // Of the ten minutes that are not over only what has passed can be contested.
  const end = Math.min(to, Math.floor(Date.now() / MINUTE) * MINUTE)
  const at = (moment: number) => new Date(moment).toISOString()
  return (
    <Group justify="space-between" gap="xs">
      <div>
        {met.map((one) => (
          <Text size="sm" key={one.id}>
            {outcomeWords(one)}{' '}
            <AnchorLink to="/disputes" search={{ dispute: one.id }} inherit>
              Details
            </AnchorLink>
          </Text>
        ))}
      </div>
      {end > from && !met.some(({ state }) => state === 'open') && (
        <ContestButton about={{ kind: 'slot', started_at: at(from), ended_at: at(end) }} />
      )}
    </Group>
  )
}
