// A session's ends as a form shows them, and what of them goes over the wire.
import type { WorkSession } from '~/api/types'
import { dayIn, formatClock, instantAt } from '~/lib/time'

/** On the company's clock, as `2026-11-20T09:30`. */
export type Cut = { from: string; to: string }

const momentIn = (zone: string, at: string) => `${dayIn(zone, at)}T${formatClock(at, zone)}`

type Ends = Pick<WorkSession, 'started_at' | 'ended_at' | 'counted_from' | 'counted_to'>

/** What counts of it now. */
export const momentsOf = (session: Ends, zone: string): Cut => ({
  from: momentIn(zone, session.counted_from ?? session.started_at),
  to: momentIn(zone, session.counted_to ?? session.ended_at ?? session.started_at),
})

/** What is left of it: an end that nobody moved is the session's own, which may lie within a minute. */
export function cutOf(session: Ends, { from, to }: Cut, zone: string) {
  const own = momentsOf({ started_at: session.started_at, ...ended(session) }, zone)
  const at = (moment: string) => {
    const [day = '', clock = ''] = moment.split('T')
    return instantAt(day, clock, zone).toISOString()
  }
  return {
    ...(from && from !== own.from ? { from: at(from) } : {}),
    ...(to && to !== own.to ? { to: at(to) } : {}),
  }
}

const ended = ({ ended_at }: Ends) => (ended_at ? { ended_at } : {})
