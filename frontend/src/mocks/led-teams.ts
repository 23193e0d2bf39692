// Who leads which team in the mock world, and what they are shown of it.
import type { CompanySettings, Employee, Role, Team } from '~/api/types'
import { makeDaily } from './people'
import { type createRouter, Refusal } from './server'

type On = ReturnType<typeof createRouter>['on']

type Context = {
  today: string
  zone: string
  employees: Employee[]
  teams: Pick<Team, 'id' | 'name'>[]
  settings: () => CompanySettings
  /** The role of a call, or a refusal. */
  allow: (token: string | undefined, ...roles: Role[]) => Role
  /** The same for an admin who may write. */
  write: (token: string | undefined) => void
  me: (role: Role) => { id: string; leads_teams: boolean }
  /** Puts a note into a person's access log. */
  look: (at: string, kind: string, day: string) => void
}

const LEAST = 5

export function serveLedTeams(on: On, context: Context, leads: Map<string, string[]>) {
  const { today, zone, employees, teams, settings, allow, write, me, look } = context
  const named = (team: string) =>
    (leads.get(team) ?? [])
      .map((id) => ({ id, name: employees.find((one) => one.id === id)?.name ?? '' }))
      .sort((one, other) => one.name.localeCompare(other.name))
  const version = (team: string) => (leads.get(team) ?? []).toSorted().join('-') || '0'
  const known = (team: string) => {
    if (!teams.some(({ id }) => id === team)) throw new Refusal(404, 'not_found')
    return team
  }
  on('get', '/api/teams/{team_id}/leads', ({ token, path }) => {
    allow(token, 'ADMIN')
    const team = known(path('team_id'))
    return { items: named(team), version: version(team) }
  })
  on('put', '/api/teams/{team_id}/leads', ({ token, path, body, seen }) => {
    write(token)
    const team = known(path('team_id'))
    if (seen === undefined) throw new Refusal(428, 'precondition_required')
    if (seen !== version(team)) throw new Refusal(412, 'precondition_failed')
    leads.set(team, [...new Set(body.employee_ids)])
    return { items: named(team), version: version(team) }
  })

  const led = (token: string | undefined) => {
    const role = allow(token, 'EMPLOYEE', 'ADMIN')
    const mine = teams.filter(({ id }) => leads.get(id)?.includes(me(role).id))
    if (mine.length === 0) throw new Refusal(403, 'not_a_lead')
    return { mine, id: me(role).id }
  }
  const membersOf = (team: string) =>
    employees.filter((one) => one.team_id === team && one.status !== 'invited')
  const ledOne = (token: string | undefined, key: string) => {
    const { mine, id } = led(token)
    const team = mine.find((one) => one.id === key)
    if (!team) throw new Refusal(404, 'not_found')
    return { members: membersOf(team.id), id }
  }
  const daysOf = (query: URLSearchParams) => ({
    from: query.get('from') ?? today,
    to: query.get('to') ?? today,
    time_zone: zone,
  })
  on('get', '/api/led-teams', ({ token }) => ({
    items: led(token).mine.map(({ id, name }) => ({ id, name, members: membersOf(id).length })),
    leads_see: settings().leads_see,
    least_people: LEAST,
  }))
  on('get', '/api/led-teams/{team_id}/people', ({ token, path, query }) => {
    const { members, id } = ledOne(token, path('team_id'))
    if (settings().leads_see !== 'people') throw new Refusal(403, 'team_sums_only')
    const days = daysOf(query)
    for (const one of members) if (one.id !== id) look(one.id, 'usage', days.to)
    const items = members.map((one, at) => {
      const sums = makeDaily(1 + (at % 3) / 10, days.from, days.to, today)
      const total = (of: 'tracked_seconds' | 'active_seconds' | 'idle_seconds') =>
        Math.round(sums.reduce((sum, day) => sum + day[of], 0))
      return {
        user_id: one.id,
        name: one.name,
        deactivated: one.status === 'deactivated',
        tracked_seconds: total('tracked_seconds'),
        active_seconds: total('active_seconds'),
        idle_seconds: total('idle_seconds'),
        ...(one.last_seen_at && { last_seen_at: one.last_seen_at }),
      }
    })
    return { items, ...days }
  })
  on('get', '/api/led-teams/{team_id}/days', ({ token, path, query }) => {
    const { members, id } = ledOne(token, path('team_id'))
    const [days, all] = [daysOf(query), settings().leads_see === 'people']
    const others = members.filter((one) => one.id !== id).length
    const items = makeDaily(members.length, days.from, days.to, today)
      .filter(({ day, people }) => people > 0 && (all || (others >= LEAST && day < today)))
      .map(({ day, people, tracked_seconds, active_seconds, idle_seconds }) => {
        return { day, people, tracked_seconds, active_seconds, idle_seconds }
      })
    if (items.length > 0)
      for (const one of members) if (one.id !== id) look(one.id, 'team_sums', days.to)
    return { items, ...days }
  })
  return { named }
}
