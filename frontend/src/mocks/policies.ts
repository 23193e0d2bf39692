// The monitoring policy of the mock world: two versions, the second one not yet acknowledged by everybody.
import type { MyPolicy, PersonAcknowledgement, Policy, Role } from '~/api/types'
import { id } from './random'
import { type createRouter, Refusal } from './server'

type On = ReturnType<typeof createRouter>['on']

type Context = {
  now: Date
  empty: boolean
  allow: (token: string | undefined, ...roles: Role[]) => Role
  active: () => void
}

const TEXT = `We record on your work computer, with a program that you can **see, stop and pause**.

## What is recorded

- Which application and which site is in front.
- How many keys and clicks there were, never which.

See [our works agreement](https://acme.example/agreement).`

const NAMES = [
  'Ada Brandt',
  'Bruno Keller',
  'Carla Mendes',
  'Dmitri Volkov',
  'Esther Okafor',
] as const

export function servePolicies(on: On, { now, empty, allow, active }: Context) {
  const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString()
  const version = (no: number, more: Partial<Policy>): Policy => ({
    version: no,
    title: 'How we record your work',
    text: TEXT,
    kinds: ['activity', 'screenshots'],
    published_at: ago(20),
    published_by_name: 'Ada Brandt',
    acknowledged: 0,
    people: NAMES.length,
    ...more,
  })
  let versions: Policy[] = empty
    ? []
    : [version(2, {}), version(1, { kinds: [], published_at: ago(900), text: 'We record.' })]
  /** By version: who has, and how. */
  const given = new Map<
    number,
    Map<string, Pick<PersonAcknowledgement, 'acknowledged_at' | 'via'>>
  >()
  const of = (no: number) => {
    const found = given.get(no) ?? new Map()
    given.set(no, found)
    return found
  }
  for (const [at, name] of NAMES.entries()) {
    of(1).set(name, { acknowledged_at: ago(880 - at), via: 'portal' })
    if (at < 3 && at !== 1) of(2).set(name, { acknowledged_at: ago(10 + at), via: 'agent' })
  }
  const counted = () => versions.map((one) => ({ ...one, acknowledged: of(one.version).size }))
  /** The admin is the first of the list, the employee the second. */
  const who = (role: Role) => (role === 'ADMIN' ? NAMES[0] : NAMES[1])
  const mine = (role: Role): MyPolicy | undefined => {
    const [current] = versions
    if (!current) return undefined
    const { acknowledged: _, people: __, published_by_name: ___, ...policy } = current
    return { ...policy, ...of(current.version).get(who(role)) }
  }

  on('get', '/api/monitoring-policies', ({ token }) => {
    allow(token, 'ADMIN')
    return { items: counted(), next_cursor: null }
  })
  on('post', '/api/monitoring-policies', ({ token, body }) => {
    allow(token, 'ADMIN')
    active()
    const [last] = versions
    if (last && last.text === body.text && `${last.kinds}` === `${body.kinds}`)
      throw new Refusal(409, 'policy_unchanged', {
        detail: 'The version in force says the same.',
      })
    const made = version((last?.version ?? 0) + 1, { ...body, published_at: now.toISOString() })
    versions = [made, ...versions]
    return made
  })
  on('get', '/api/monitoring-policies/acknowledgements', ({ token, query }) => {
    allow(token, 'ADMIN')
    const [current] = versions
    if (!current) return { items: [], next_cursor: null }
    const asked = Number(query.get('version') ?? current.version)
    if (!versions.some((one) => one.version === asked)) throw new Refusal(404, 'not_found')
    const people = NAMES.map((name, at) => ({
      user_id: id('person', at + 1),
      name,
      email: `${name.split(' ')[0]?.toLowerCase()}@acme.test`,
      ...(at < 3 && { team: 'Support' }),
      version: asked,
      ...of(asked).get(name),
    }))
    const state = query.get('state')
    const items = people.filter(
      ({ acknowledged_at }) => !state || (state === 'acknowledged') === Boolean(acknowledged_at),
    )
    return { items, next_cursor: null }
  })
  on('get', '/api/me/monitoring-policy', ({ token }) => {
    const policy = mine(allow(token, 'ADMIN', 'EMPLOYEE'))
    return policy ? { policy } : {}
  })
  on('post', '/api/me/monitoring-policy/acknowledgements', ({ token, body }) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    active()
    if (body.version !== versions[0]?.version) throw new Refusal(409, 'policy_version_not_current')
    const done = of(body.version)
    if (!done.has(who(role)))
      done.set(who(role), { acknowledged_at: now.toISOString(), via: 'portal' })
    const policy = mine(role)
    if (!policy) throw new Refusal(404, 'not_found')
    return policy
  })
  return {
    /** As a second admin would. */
    publishPolicy: (text: string) => {
      versions = [version((versions[0]?.version ?? 0) + 1, { text }), ...versions]
    },
  }
}
