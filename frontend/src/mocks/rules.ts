// Productivity rules of the mock world: matched as the server does, sorting the past for a few looks.
import type { Answer, NewRule, Role, Rule, RuleList, Team } from '~/api/types'
import { type createRouter, Refusal } from './server'

type On = ReturnType<typeof createRouter>['on']

type Context = {
  empty: boolean
  teams: Pick<Team, 'id' | 'name'>[]
  allow: (token: string | undefined, ...roles: Role[]) => Role
  active: () => void
}

const NOTHING = { app: undefined, host: undefined, title: undefined }
const PEOPLE = 11
/** Seconds of everybody in a month, as other lists of applications have them. */
export const CATEGORY_TOTALS = [
  ['productive', 352_000],
  ['neutral', 141_000],
  ['unclassified', 82_000],
  ['unproductive', 45_000],
] as const

function fits(rule: Rule, texts: Record<Rule['field'], string | undefined>): boolean {
  const text = texts[rule.field]
  if (!text) return false
  if (rule.kind === 'regex') return new RegExp(rule.pattern, 'iu').test(text)
  const whole = rule.pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${rule.field === 'host' ? '(?:.*\\.)?' : ''}${whole}$`, 'isu').test(text)
}

const same = (one: Rule, other: Rule) =>
  one.team_id === other.team_id &&
  one.field === other.field &&
  one.kind === other.kind &&
  one.pattern === other.pattern

function check(items: NewRule[]) {
  const errors = items.flatMap((rule, at) => {
    const pointer = `/items/${at}/pattern`
    if (items.slice(0, at).some((other) => same(other, rule)))
      return {
        pointer,
        code: 'rule_twice',
        detail: 'A rule before looks for the same: this one would never decide',
      }
    try {
      new RegExp(rule.kind === 'regex' ? rule.pattern : '', 'u')
    } catch {
      return {
        pointer,
        code: 'rule_pattern_invalid',
        detail: 'This is no regular expression, or one that is too large',
      }
    }
    return []
  })
  if (errors.length > 0) throw new Refusal(422, 'invalid', { errors })
}

export function serveRules(on: On, { empty, teams, allow, active }: Context) {
  let list: RuleList = { items: empty ? [] : makeRules(teams[0]?.id), version: empty ? 0 : 3 }
  let waiting = 0

  on('get', '/api/rules', ({ token }) => {
    allow(token, 'ADMIN')
    return list
  })
  on('put', '/api/rules', ({ token, body, seen }) => {
    allow(token, 'ADMIN')
    active()
    if (!seen) throw new Refusal(428, 'precondition_required')
    if (seen !== `${list.version}`) throw new Refusal(412, 'precondition_failed')
    check(body.items)
    const ofTeams = [...new Set(body.items.map(({ team_id }) => team_id))].filter(Boolean)
    const items = [...ofTeams, undefined].flatMap((team) =>
      body.items.filter(({ team_id }) => team_id === team),
    )
    list = { items, version: list.version + 1 }
    waiting = empty ? 0 : PEOPLE
    return list
  })
  on('post', '/api/rules/test', ({ token, body }) => {
    allow(token, 'ADMIN')
    const { app, host, title, team_id } = body
    const hits = list.items
      .map((rule, at) => ({ position: at + 1, rule }))
      .filter(({ rule }) => rule.team_id === undefined || rule.team_id === team_id)
      .filter(({ rule }) => fits(rule, { app, host, title }))
    return { category: hits[0]?.rule.category ?? ('unclassified' as const), hits }
  })
  on('get', '/api/rules/reclassification', ({ token }) => {
    allow(token, 'ADMIN')
    const answer = { people: empty ? 0 : PEOPLE, waiting, first_day: '2026-08-23' }
    waiting = Math.max(0, waiting - 6)
    return answer
  })
  on('get', '/api/rules/candidates', ({ token }) => {
    allow(token, 'ADMIN')
    const used = [
      { field: 'app' as const, name: 'Slack', seconds: 93_000 },
      { field: 'host' as const, name: 'mail.example', seconds: 51_000 },
      { field: 'app' as const, name: 'Zoom', seconds: 22_000 },
    ]
    const items = used.filter(
      ({ field, name }) => !list.items.some((rule) => fits(rule, { ...NOTHING, [field]: name })),
    )
    return { items: empty ? [] : items }
  })
  on('get', '/api/usage/categories', ({ token, query }) => {
    const role = allow(token, 'ADMIN', 'EMPLOYEE')
    const one = role === 'EMPLOYEE' || query.has('user_id')
    const days = query.get('from') === query.get('to') ? 1 : 5
    const items: Answer<'/api/usage/categories'>['items'] = CATEGORY_TOTALS.map(
      ([category, seconds]) => ({
        category,
        seconds: Math.round((seconds * days) / (one ? 20 * PEOPLE : 20)),
      }),
    )
    return { items: empty ? [] : items }
  })
  return {
    /** As a second admin would. */
    changeRules: (items: Rule[]) => {
      list = { items, version: list.version + 1 }
    },
  }
}

function makeRules(team: string | undefined): Rule[] {
  const rule = (
    field: Rule['field'],
    pattern: string,
    category: Rule['category'],
    more: Partial<Rule> = {},
  ): Rule => ({ field, kind: 'glob', pattern, category, ...more })
  return [
    ...(team ? [rule('host', 'news.example', 'productive', { team_id: team })] : []),
    rule('host', 'news.example', 'unproductive'),
    rule('host', 'docs.rs', 'productive'),
    rule('title', 'invoice \\d+', 'productive', { kind: 'regex' }),
    rule('app', 'Visual Studio Code', 'productive'),
    rule('app', 'LibreOffice *', 'productive'),
    rule('app', 'Firefox', 'neutral'),
  ]
}
