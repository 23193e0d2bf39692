// Manual time of the mock world, kept for as long as the page is open.
import type { CompanySettings, Employee, ManualTime, Role, Timeline } from '~/api/types'
import { addDays, dayIn, instantAt } from '~/lib/time'
import { id } from './random'
import { type createRouter, Picture, Refusal } from './server'

type On = ReturnType<typeof createRouter>['on']

type Context = {
  now: Date
  zone: string
  empty: boolean
  employees: Employee[]
  settings: () => CompanySettings
  /** The role of a call, or a refusal. */
  allow: (token: string | undefined, ...roles: Role[]) => Role
  /** Refuses companies that change nothing at present. */
  active: () => void
  me: (role: Role) => { id: string; name: string }
}

const SAID: [kind: string, reason: string, from: string, to: string][] = [
  ['meeting', 'Meeting with the customer in town', '16:30', '18:00'],
  ['call', 'Call with the supplier about the delivery', '07:30', '08:00'],
  ['travel', 'Train to the branch office', '06:15', '08:00'],
  ['training', 'Course on first aid', '18:00', '20:00'],
  ['break_fix', 'The printer in the warehouse', '17:00', '17:45'],
  ['offline_work', 'Inventory of the archive', '18:15', '19:00'],
]
const STATES = ['pending', 'approved', 'pending', 'rejected', 'pending', 'withdrawn']

const seconds = ({ started_at, ended_at }: Pick<ManualTime, 'started_at' | 'ended_at'>) =>
  (Date.parse(ended_at) - Date.parse(started_at)) / 1000

export function serveManualTimes(on: On, context: Context) {
  const { now, zone, allow, me } = context
  const kept = context.empty ? [] : makeEntries(context)
  const refuse = (pointer: string, code: string, detail: string) => {
    throw new Refusal(422, 'invalid', { errors: [{ pointer, code, detail }] })
  }
  const decided = () => new Refusal(409, 'manual_times_decided')
  const asked = (token: string | undefined, query: URLSearchParams) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    const [states, kinds] = [query.getAll('state'), query.getAll('kind')]
    const q = query.get('q')?.toLowerCase() ?? ''
    const [from, to] = [query.get('from') ?? '', query.get('to') ?? '9']
    return kept
      .filter(({ user_id }) => role === 'ADMIN' || user_id === me(role).id)
      .filter(({ user_name }) => user_name.toLowerCase().includes(q))
      .filter(({ state }) => states.length === 0 || states.includes(state))
      .filter(({ kind }) => kinds.length === 0 || kinds.includes(kind))
      .filter(({ started_at }) => dayIn(zone, started_at) >= from && dayIn(zone, started_at) <= to)
      .toSorted((a, b) => b.started_at.localeCompare(a.started_at) || b.id.localeCompare(a.id))
  }

  on('get', '/api/manual-times', ({ token, query }) => {
    const entries = asked(token, query)
    const at = Number(query.get('cursor')?.replace('at-', '') ?? 0)
    const next_cursor = at + 50 < entries.length ? `at-${at + 50}` : null
    return { items: entries.slice(at, at + 50), next_cursor }
  })
  on('get', '/api/manual-times/export', ({ token, query }) => {
    allow(token, 'ADMIN')
    const rows = asked(token, query).map(({ user_name, kind, state }) =>
      [user_name, kind, state].join(','),
    )
    return new Picture({ type: 'text/csv', text: ['employee,kind,state', ...rows].join('\r\n') })
  })
  on('get', '/api/manual-times/rules', ({ token }) => {
    allow(token, 'ADMIN', 'EMPLOYEE')
    const settings = context.settings()
    return {
      allowed: settings.manual_time_allowed,
      approval: settings.manual_time_approval,
      first_day: addDays(dayIn(zone, now), -60),
      tracking_days: settings.tracking_days,
      tracking_from: settings.tracking_from,
      tracking_to: settings.tracking_to,
    }
  })
  on('post', '/api/manual-times', ({ token, body }) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    context.active()
    const by = me(role)
    const of = context.employees.find((one) => one.id === (body.user_id ?? by.id)) ?? by
    const { started_at, ended_at } = body
    if (Date.parse(ended_at) > now.getTime())
      refuse('/ended_at', 'manual_times_future', 'Manual time is of the past')
    const overlaps = kept.some(
      (one) =>
        one.user_id === of.id &&
        ['pending', 'approved'].includes(one.state) &&
        Date.parse(one.started_at) < Date.parse(ended_at) &&
        Date.parse(one.ended_at) > Date.parse(started_at),
    )
    if (overlaps) throw new Refusal(409, 'manual_times_overlap')
    const approved = role === 'ADMIN' || !context.settings().manual_time_approval
    const entry: ManualTime = {
      id: id('manual time', kept.length + 1),
      user_id: of.id,
      user_name: of.name,
      started_at,
      ended_at,
      kind: body.kind,
      reason: body.reason,
      state: approved ? 'approved' : 'pending',
      created_at: now.toISOString(),
      created_by_name: by.name,
      by_another: of.id !== by.id,
      manual_seconds: seconds(body),
      explained_seconds: 0,
      ...(approved ? { decided_at: now.toISOString() } : {}),
      ...(role === 'ADMIN' ? { decided_by_name: by.name } : {}),
    }
    kept.push(entry)
    return entry
  })
  const decide = (token: string | undefined, ids: string[], state: string, reason?: string) => {
    const role = allow(token, 'ADMIN')
    context.active()
    const entries = ids.map((key) => kept.find((one) => one.id === key))
    if (entries.some((one) => !one)) throw new Refusal(404, 'not_found')
    const found = entries.filter((one) => one !== undefined)
    if (found.some((one) => one.state === state || one.state === 'withdrawn')) throw decided()
    for (const one of found) {
      Object.assign(one, { state, decided_at: now.toISOString(), decided_by_name: me(role).name })
      delete one.decision_reason
      if (reason) one.decision_reason = reason
    }
    return { items: found.map((one) => ({ ...one })) }
  }
  on('post', '/api/manual-times/approve', ({ token, body }) =>
    decide(token, body.manual_time_ids, 'approved', body.reason),
  )
  on('post', '/api/manual-times/reject', ({ token, body }) =>
    decide(token, body.manual_time_ids, 'rejected', body.reason),
  )
  on('post', '/api/manual-times/{manual_time_id}/withdraw', ({ token, path }) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    context.active()
    const own = me(role)
    const one = kept.find(
      (entry) => entry.id === path('manual_time_id') && entry.user_id === own.id,
    )
    if (!one) throw new Refusal(404, 'not_found')
    if (one.state !== 'pending') throw decided()
    Object.assign(one, {
      state: 'withdrawn',
      decided_at: now.toISOString(),
      decided_by_name: own.name,
    })
    return { ...one }
  })

  /** What a person's day shows of it. */
  return (user: string, { from, to }: Pick<Timeline, 'from' | 'to'>) => {
    const shown = kept.filter(
      (one) =>
        one.user_id === user &&
        ['pending', 'approved'].includes(one.state) &&
        Date.parse(one.started_at) < Date.parse(to) &&
        Date.parse(one.ended_at) > Date.parse(from),
    )
    const approved = shown.filter(({ state }) => state === 'approved')
    return {
      manual: shown.map((one) => ({
        id: one.id,
        from: one.started_at,
        to: one.ended_at,
        kind: one.kind,
        reason: one.reason,
        pending: one.state === 'pending',
      })),
      manual_seconds: approved.reduce((sum, one) => sum + (one.manual_seconds ?? 0), 0),
      explained_seconds: approved.reduce((sum, one) => sum + (one.explained_seconds ?? 0), 0),
    }
  }
}

/** A few of each person in the last two weeks. */
function makeEntries({ now, zone, employees, me }: Context): ManualTime[] {
  const active = employees.filter(({ status }) => status === 'active').slice(0, 5)
  const today = dayIn(zone, now)
  return active.flatMap((person, nth) =>
    SAID.map(([kind, reason, from, to], at): ManualTime => {
      const day = addDays(today, -1 - ((at * 2 + nth) % 13))
      const [started_at, ended_at] = [from, to].map((time) =>
        instantAt(day, time, zone).toISOString(),
      ) as [string, string]
      const state = STATES[(at + nth) % STATES.length] ?? 'pending'
      const length = seconds({ started_at, ended_at })
      const explained = at % 3 === 0 ? 1200 : 0
      const by = state === 'withdrawn' ? person.name : me('ADMIN').name
      return {
        id: id('manual time', nth * 10 + at + 1),
        user_id: person.id,
        user_name: person.name,
        started_at,
        ended_at,
        kind,
        reason,
        state,
        created_at: ended_at,
        created_by_name: person.name,
        by_another: false,
        manual_seconds: length - explained,
        explained_seconds: explained,
        ...(state === 'pending' ? {} : { decided_at: now.toISOString(), decided_by_name: by }),
        ...(state === 'rejected' ? { decision_reason: 'That was in your free time' } : {}),
      }
    }),
  )
}
