// Who runs the service, in the mock.
import type { OwnerAccount } from '~/api/types'
import { id } from './random'

/** The first is whoever is signed in as an owner. */
export function makeOwners(now: Date, me: { id: string; name: string; email: string }) {
  const past = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString()
  const created_at = past(5000)
  const owners: OwnerAccount[] = [
    { ...me, status: 'active', has_two_factor: true, last_seen_at: past(0), created_at },
    {
      id: id('owner', 2),
      name: 'Paul Partner',
      email: 'paul@vendor.test',
      status: 'active',
      has_two_factor: true,
      last_seen_at: past(26),
      created_at,
    },
    {
      id: id('owner', 3),
      name: 'Quinn New',
      email: 'quinn@vendor.test',
      status: 'invited',
      has_two_factor: false,
      invited_until: past(-20),
      created_at: past(4),
    },
    {
      id: id('owner', 4),
      name: 'Rosa Left',
      email: 'rosa@vendor.test',
      status: 'deactivated',
      has_two_factor: true,
      last_seen_at: past(900),
      created_at,
    },
  ]
  return owners
}
