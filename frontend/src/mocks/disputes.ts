// Disputes of the mock world, kept for as long as the page is open.
import type { Dispute, Employee, Role } from '~/api/types'
import { addDays, dayIn, instantAt } from '~/lib/time'
import { id } from './random'
import { type createRouter, Picture, Refusal } from './server'

type On = ReturnType<typeof createRouter>['on']

type Context = {
  now: Date
  zone: string
  empty: boolean
  employees: Employee[]
  /** The role of a call, or a refusal. */
  allow: (token: string | undefined, ...roles: Role[]) => Role
  /** Refuses companies that change nothing at present. */
  active: () => void
  me: (role: Role) => { id: string; name: string }
}

type Said = [
  about: Pick<Dispute, 'app' | 'host' | 'label'> | string,
  reason: string,
  answer?: [state: 'accepted' | 'rejected', text: string],
]

/** A label, or the clock from which ten minutes are contested. */
const SAID: Said[] = [
  ['10:20', 'A colleague showed me something at my desk'],
  [{ host: 'video.example.com', label: 'unproductive' }, 'Our training videos are there'],
  [
    '14:30',
    'I was on the phone, not idle',
    ['rejected', 'Add the call as manual time: it explains the idle minutes'],
  ],
  [
    { app: 'Firefox', label: 'unclassified' },
    'The customers’ portal is in the browser',
    ['accepted', 'You are right, the rules know the portal now'],
  ],
]

export function serveDisputes(on: On, context: Context) {
  const { now, allow, me } = context
  const kept = context.empty ? [] : makeDisputes(context)
  const asked = (token: string | undefined, query: URLSearchParams) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    const [states, kinds] = [query.getAll('state'), query.getAll('kind')]
    const q = query.get('q')?.toLowerCase() ?? ''
    const user = role === 'ADMIN' ? query.get('user_id') : me(role).id
    return kept
      .filter(({ user_id }) => !user || user_id === user)
      .filter(({ user_name }) => user_name.toLowerCase().includes(q))
      .filter(({ state }) => states.length === 0 || states.includes(state))
      .filter(({ kind }) => kinds.length === 0 || kinds.includes(kind))
      .toReversed()
  }
  const closed = () => new Refusal(409, 'disputes_closed')
  const found = (key: string | undefined, user?: string) => {
    const one = kept.find((other) => other.id === key && (!user || other.user_id === user))
    if (!one) throw new Refusal(404, 'not_found')
    if (one.state !== 'open') throw closed()
    return one
  }

  on('get', '/api/disputes', ({ token, query }) => {
    const entries = asked(token, query)
    const at = Number(query.get('cursor')?.replace('at-', '') ?? 0)
    const next_cursor = at + 50 < entries.length ? `at-${at + 50}` : null
    return { items: entries.slice(at, at + 50), next_cursor }
  })
  on('get', '/api/disputes/export', ({ token, query }) => {
    allow(token, 'ADMIN')
    const rows = asked(token, query).map(({ user_name, kind, state }) =>
      [user_name, kind, state].join(','),
    )
    return new Picture({ type: 'text/csv', text: ['employee,kind,state', ...rows].join('\r\n') })
  })
  on('post', '/api/disputes', ({ token, body }) => {
    const by = me(allow(token, 'ADMIN', 'EMPLOYEE'))
    context.active()
    const open = kept.filter(({ user_id, state }) => user_id === by.id && state === 'open')
    if (open.length >= 50) throw new Refusal(409, 'disputes_too_many')
    const made: Dispute = {
      ...body,
      id: id('dispute', 500 + kept.length),
      user_id: by.id,
      user_name: by.name,
      state: 'open',
      created_at: now.toISOString(),
    }
    kept.push(made)
    return made
  })
  on('post', '/api/disputes/{dispute_id}/answer', ({ token, path, body }) => {
    const by = me(allow(token, 'ADMIN'))
    context.active()
    return Object.assign(found(path('dispute_id')), {
      state: body.accepted ? 'accepted' : 'rejected',
      answer: body.answer,
      answered_at: now.toISOString(),
      answered_by_name: by.name,
    })
  })
  on('post', '/api/disputes/{dispute_id}/withdraw', ({ token, path }) => {
    const by = me(allow(token, 'ADMIN', 'EMPLOYEE'))
    context.active()
    return Object.assign(found(path('dispute_id'), by.id), {
      state: 'withdrawn',
      withdrawn_at: now.toISOString(),
    })
  })
}

/** Of the first people, each a few. */
function makeDisputes({ now, zone, employees, me }: Context): Dispute[] {
  const active = employees.filter(({ status }) => status === 'active').slice(0, 4)
  const day = addDays(dayIn(zone, now), -1)
  return active.flatMap((person, nth) =>
    SAID.map(([about, reason, answered], at): Dispute => {
      const from = typeof about === 'string' ? instantAt(day, about, zone) : undefined
      const until = from && new Date(from.getTime() + 600_000)
      return {
        id: id('dispute', nth * 10 + at + 1),
        user_id: person.id,
        user_name: person.name,
        ...(typeof about === 'string'
          ? { kind: 'slot', started_at: from?.toISOString(), ended_at: until?.toISOString() }
          : { kind: 'label', ...about }),
        reason,
        state: answered?.[0] ?? 'open',
        created_at: new Date(now.getTime() - (20 - at) * 3_600_000).toISOString(),
        ...(answered && {
          answer: answered[1],
          answered_at: now.toISOString(),
          answered_by_name: me('ADMIN').name,
        }),
      } as Dispute
    }),
  )
}
