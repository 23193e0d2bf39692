// Alerts and their rules in the mock world: a few of each kind, kept for as long as the page is open.
import type { Alert, AlertRule, Employee, Role, Team } from '~/api/types'
import { addDays } from '~/lib/time'
import { id } from './random'
import { type createRouter, Picture, Refusal } from './server'

type On = ReturnType<typeof createRouter>['on']

type Context = {
  now: Date
  today: string
  empty: boolean
  employees: Employee[]
  teams: Pick<Team, 'id' | 'name'>[]
  /** The role of a call, or a refusal. */
  allow: (token: string | undefined, ...roles: Role[]) => Role
  /** Refuses companies that change nothing at present. */
  active: () => void
  me: (role: Role) => { id: string; name: string }
}

const MOST: Record<string, [number, number]> = {
  silent: [1, 24],
  long_day: [1, 24],
  idle: [1, 99],
  unproductive: [1, 99],
  storage: [1, 100],
  device: [0, 0],
  repeated_input: [10, 480],
}

export function serveAlerts(on: On, context: Context) {
  const { now, allow, active, me, employees, teams } = context
  const alerts = context.empty ? [] : makeAlerts(context)
  const rules = context.empty ? [] : makeRules(context)
  let made = 0

  const listed = (token: string | undefined, query: URLSearchParams) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    const [states, kinds] = [query.getAll('state'), query.getAll('kind')]
    const [user, team] = [query.get('user_id'), query.get('team_id')]
    const [from, to] = [query.get('from') ?? '', query.get('to') ?? '9']
    const teamOf = (key: string | null | undefined) =>
      employees.find((person) => person.id === key)?.team_id
    return alerts
      .filter((one) => role === 'ADMIN' || one.user_id === me(role).id)
      .filter((one) => states.length === 0 || states.includes(one.state))
      .filter((one) => kinds.length === 0 || kinds.includes(one.kind))
      .filter((one) => !user || one.user_id === user)
      .filter((one) => !team || teamOf(one.user_id) === team)
      .filter((one) => one.day >= from && one.day <= to)
  }
  on('get', '/api/alerts', ({ token, query }) => {
    const all = listed(token, query)
    const limit = Number(query.get('limit') ?? 50)
    const at = Number(query.get('cursor')?.replace('at-', '') ?? 0)
    const next_cursor = at + limit < all.length ? `at-${at + limit}` : null
    return { items: all.slice(at, at + limit), next_cursor }
  })
  on('get', '/api/alerts/export', ({ token, query }) => {
    allow(token, 'ADMIN')
    const rows = listed(token, query).map(({ kind, day }) => `${kind},${day}`)
    return new Picture({ type: 'text/csv', text: ['kind,day', ...rows].join('\r\n') })
  })
  on('post', '/api/alerts/acknowledge', ({ token, body }) => {
    const by = me(allow(token, 'ADMIN')).name
    active()
    let acknowledged = 0
    for (const one of alerts.filter(({ id }) => body.alert_ids.includes(id))) {
      if (one.state === 'acknowledged') continue
      acknowledged += 1
      const done = { acknowledged_at: now.toISOString(), acknowledged_by_name: by }
      Object.assign(one, done, { state: 'acknowledged' }, body.note ? { note: body.note } : {})
    }
    return { acknowledged }
  })
  on('get', '/api/me/alert-rules', ({ token }) => {
    const own = me(allow(token, 'ADMIN', 'EMPLOYEE')).id
    const items = rules
      .filter((rule) => rule.enabled && rule.kind !== 'storage' && !rule.team_id)
      .filter((rule) => !rule.user_id || rule.user_id === own)
      .map(({ kind, threshold, least_minutes, user_id, enabled_at }) => ({
        kind,
        threshold,
        ...(least_minutes ? { least_minutes } : {}),
        scope: user_id ? 'person' : 'company',
        since: enabled_at,
      }))
    return { items }
  })
  on('get', '/api/alert-rules', ({ token }) => {
    allow(token, 'ADMIN')
    return { items: rules.toSorted((a, b) => a.kind.localeCompare(b.kind)) }
  })
  const found = (key: string) => {
    const rule = rules.find((one) => one.id === key)
    if (!rule) throw new Refusal(404, 'not_found')
    return rule
  }
  const mustBe = (seen: string | undefined, rule: AlertRule) => {
    if (!seen) throw new Refusal(428, 'precondition_required')
    if (seen !== rule.version) throw new Refusal(412, 'precondition_failed')
  }
  const mustFit = (kind: string, threshold: number) => {
    const [least, most] = MOST[kind] ?? [0, 0]
    if (threshold >= least && threshold <= most) return
    const detail = `${least} to ${most} for a rule of this kind`
    const errors = [{ pointer: '/threshold', code: 'alert_rules_threshold_invalid', detail }]
    throw new Refusal(422, 'invalid', { errors })
  }
  on(
    'post',
    '/api/alert-rules',
    ({ token, body }) => {
      const by = me(allow(token, 'ADMIN')).name
      active()
      mustFit(body.kind, body.threshold)
      made += 1
      const team = teams.find((one) => one.id === body.team_id)
      const person = employees.find((one) => one.id === body.user_id)
      const rule: AlertRule = {
        ...newRule(context, 100 + made, body.kind, body.threshold),
        enabled: body.enabled ?? true,
        created_by_name: by,
        ...(['idle', 'unproductive'].includes(body.kind)
          ? { least_minutes: body.least_minutes ?? 120 }
          : {}),
        ...(team ? { team_id: team.id, team_name: team.name } : {}),
        ...(person ? { user_id: person.id, user_name: person.name ?? '' } : {}),
      }
      rules.push(rule)
      return rule
    },
    201,
  )
  on('get', '/api/alert-rules/{alert_rule_id}', ({ token, path }) => {
    allow(token, 'ADMIN')
    return found(path('alert_rule_id'))
  })
  on('patch', '/api/alert-rules/{alert_rule_id}', ({ token, path, body, seen }) => {
    allow(token, 'ADMIN')
    active()
    const rule = found(path('alert_rule_id'))
    mustBe(seen, rule)
    mustFit(rule.kind, body.threshold ?? rule.threshold)
    Object.assign(rule, body, { version: `${rule.version}+` })
    return rule
  })
  on(
    'delete',
    '/api/alert-rules/{alert_rule_id}',
    ({ token, path, seen }) => {
      allow(token, 'ADMIN')
      active()
      const rule = found(path('alert_rule_id'))
      mustBe(seen, rule)
      rules.splice(rules.indexOf(rule), 1)
      return undefined
    },
    204,
  )
  return {
    /** As a second admin would, meanwhile. */
    changeAlertRules: () => {
      for (const rule of rules) rule.version = `${rule.version}+`
    },
  }
}

function newRule({ now }: Context, number: number, kind: string, threshold: number): AlertRule {
  const at = new Date(now.getTime() - 9 * 86_400_000).toISOString()
  return {
    id: id('alert rule', number),
    kind,
    threshold,
    enabled: true,
    enabled_at: at,
    created_by_name: 'Grace Hopper',
    created_at: at,
    version: '1-mock',
  }
}

function makeRules(context: Context): AlertRule[] {
  return [
    newRule(context, 1, 'silent', 4),
    newRule(context, 2, 'long_day', 10),
    { ...newRule(context, 3, 'idle', 60), least_minutes: 120, enabled: false },
    newRule(context, 4, 'storage', 90),
  ]
}

function makeAlerts({ now, today, employees }: Context): Alert[] {
  const people = employees.filter(({ status }) => status === 'active').slice(0, 6)
  const one = (
    number: number,
    person: Employee | undefined,
    ago: number,
    rest: Pick<Alert, 'kind' | 'threshold' | 'value' | 'state'> & Partial<Alert>,
  ): Alert => ({
    id: id('alert', number),
    day: addDays(today, -ago),
    opened_at: new Date(now.getTime() - ago * 86_400_000 - number * 60_000).toISOString(),
    ...(person ? { user_id: person.id, user_name: person.name ?? '' } : {}),
    ...rest,
  })
  const resolved_at = new Date(now.getTime() - 3_600_000).toISOString()
  return [
    one(1, people[0], 0, { kind: 'silent', threshold: 4, value: 14_400, state: 'open' }),
    one(2, people[1], 0, { kind: 'long_day', threshold: 10, value: 39_600, state: 'open' }),
    one(3, undefined, 1, { kind: 'storage', threshold: 90, value: 92, state: 'open' }),
    one(4, people[2], 1, {
      kind: 'device',
      threshold: 0,
      value: 0,
      state: 'open',
      device_id: id('device', 3),
      device_name: 'laptop-3',
      problem: 'limited',
    }),
    one(5, people[3], 2, { kind: 'repeated_input', threshold: 30, value: 45, state: 'open' }),
    one(6, people[0], 3, {
      kind: 'idle',
      threshold: 60,
      value: 71,
      state: 'resolved',
      resolved_at,
    }),
    one(7, people[4], 4, {
      kind: 'silent',
      threshold: 4,
      value: 14_400,
      state: 'acknowledged',
      acknowledged_at: resolved_at,
      acknowledged_by_name: 'Grace Hopper',
      note: 'On holiday',
    }),
  ]
}
