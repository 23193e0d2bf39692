// Settings of teams and people in the mock world: a person's own win over the team's, which win over the company's.
import type { CompanySettings, EffectiveSettings, Employee, Role, Team } from '~/api/types'
import type { OwnSettingsPatch } from '~/components/own-settings/queries'
import { type createRouter, Refusal } from './server'

type On = ReturnType<typeof createRouter>['on']

type Context = {
  now: Date
  zone: string
  employees: Employee[]
  teams: Pick<Team, 'id' | 'name'>[]
  settings: () => CompanySettings
  /** The role of a call, or a refusal. */
  allow: (token: string | undefined, ...roles: Role[]) => Role
  /** The same for an admin who may write. */
  write: (token: string | undefined) => void
  me: (role: Role) => { id: string }
}

type Values = {
  screenshots_enabled: boolean
  screenshot_interval_seconds: number
  blur_screenshots: boolean
  idle_threshold_seconds: number
  tracking_hours: { days: number[]; from: string; to: string }
  record_titles: boolean
  record_paths: boolean
}
type Own = Partial<Values>

export function serveOwnSettings(on: On, context: Context, own: Map<string, Own>) {
  const { now, zone, employees, teams, settings, allow, write, me } = context

  const load = (person: string | undefined, team: string | undefined): EffectiveSettings => {
    const all = settings()
    const company: Values = {
      screenshots_enabled: all.screenshots_enabled,
      screenshot_interval_seconds: all.screenshot_interval_seconds,
      blur_screenshots: all.blur_screenshots,
      idle_threshold_seconds: all.idle_threshold_seconds,
      tracking_hours: { days: all.tracking_days, from: all.tracking_from, to: all.tracking_to },
      record_titles: all.record_titles,
      record_paths: all.record_paths,
    }
    const teams_own: Own = (team && own.get(team)) || {}
    const persons: Own = (person && own.get(person)) || {}
    const of = <K extends keyof Values>(key: K) => {
      const follows = person && teams_own[key] !== undefined
      const inherited = (follows ? teams_own[key] : undefined) ?? company[key]
      const inherited_from = follows ? ('team' as const) : ('company' as const)
      const mine = person ? persons[key] : teams_own[key]
      const source = person ? ('person' as const) : ('team' as const)
      return mine === undefined
        ? { value: inherited, source: inherited_from, inherited, inherited_from }
        : { value: mine, source, own: mine, inherited, inherited_from }
    }
    const same = <T>(value: T) => ({ value, source: 'company' as const })
    const followed = person ? teams.find(({ id }) => id === team) : undefined
    return {
      ...(followed ? { team: { id: followed.id, name: followed.name } } : {}),
      screenshots_enabled: of('screenshots_enabled'),
      screenshot_interval_seconds: of('screenshot_interval_seconds'),
      blur_screenshots: of('blur_screenshots'),
      idle_threshold_seconds: of('idle_threshold_seconds'),
      tracking_hours: of('tracking_hours'),
      record_titles: of('record_titles'),
      record_paths: of('record_paths'),
      originals_shown: same(all.originals_shown),
      redaction_rules: same(all.redaction_rules.length),
      employees_may_delete_screenshots: same(all.employees_may_delete_screenshots),
      time_zone: same(zone),
      version: `${all.version}${JSON.stringify([teams_own, persons]).replace(/\W/g, '')}`,
    }
  }
  const ofPerson = (id: string) => {
    const person = employees.find((one) => one.id === id)
    if (!person) throw new Refusal(404, 'not_found')
    return load(id, person.team_id ?? undefined)
  }
  const ofTeam = (id: string) => {
    if (!teams.some((one) => one.id === id)) throw new Refusal(404, 'not_found')
    return load(undefined, id)
  }
  const change = (
    id: string,
    of: (id: string) => EffectiveSettings,
    seen: string | undefined,
    body: OwnSettingsPatch,
  ) => {
    if (seen === undefined) throw new Refusal(428, 'precondition_required')
    if (seen !== of(id).version) throw new Refusal(412, 'precondition_failed')
    const wanted = Object.entries({ ...own.get(id), ...body }).filter(([, value]) => value !== null)
    if (wanted.length) own.set(id, Object.fromEntries(wanted))
    else own.delete(id)
    return of(id)
  }

  on('get', '/api/employees/{employee_id}/settings', ({ token, path }) => {
    allow(token, 'ADMIN')
    return ofPerson(path('employee_id'))
  })
  on('patch', '/api/employees/{employee_id}/settings', ({ token, path, seen, body }) => {
    write(token)
    return change(path('employee_id'), ofPerson, seen, body)
  })
  on('get', '/api/teams/{team_id}/settings', ({ token, path }) => {
    allow(token, 'ADMIN')
    return ofTeam(path('team_id'))
  })
  on('patch', '/api/teams/{team_id}/settings', ({ token, path, seen, body }) => {
    write(token)
    return change(path('team_id'), ofTeam, seen, body)
  })
  on('get', '/api/me/settings', ({ token }) => {
    const { id } = me(allow(token, 'EMPLOYEE', 'ADMIN'))
    const person = employees.find((one) => one.id === id)
    return load(id, person?.team_id ?? undefined)
  })
  on('get', '/api/setting-overrides', ({ token }) => {
    allow(token, 'ADMIN')
    const lines = [...own].flatMap(([id, { tracking_hours: hours, ...rest }]) => {
      const team = teams.find((one) => one.id === id)
      const name = team?.name ?? employees.find((one) => one.id === id)?.name
      if (name === undefined) return []
      const flat = hours && {
        tracking_days: hours.days,
        tracking_from: hours.from,
        tracking_to: hours.to,
      }
      const kind = team ? 'team' : 'person'
      return [{ kind, id, name, own: { ...rest, ...flat }, updated_at: now.toISOString() }]
    })
    lines.sort((one, other) =>
      one.kind === other.kind
        ? one.name.localeCompare(other.name)
        : other.kind.localeCompare(one.kind),
    )
    return { items: lines }
  })
}
