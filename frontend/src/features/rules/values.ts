// What the fields of a rule are called, and lists in another order.
import type { Rule } from '~/api/types'

export const FIELDS = {
  app: 'Application',
  host: 'Site',
  title: 'Title',
} as const satisfies Record<Rule['field'], string>

export const KINDS = {
  glob: 'With * and ?',
  regex: 'Regular expression',
} as const satisfies Record<Rule['kind'], string>

/** Where a rule may go: no further than those for the same people, as teams' rules are tried first. */
export function movable(rules: Rule[], at: number, by: -1 | 1): boolean {
  return at + by in rules && rules[at + by]?.team_id === rules[at]?.team_id
}

export function moved(rules: Rule[], at: number, by: -1 | 1): Rule[] {
  const [one, other] = [rules[at], rules[at + by]]
  return one && other ? rules.with(at, other).with(at + by, one) : rules
}

/** In the place of one, or at the end of those for the same people. */
export function saved(rules: Rule[], at: number | undefined, rule: Rule): Rule[] {
  const before = at === undefined ? undefined : rules[at]
  if (at !== undefined && before?.team_id === rule.team_id) return rules.with(at, rule)
  return [...rules.filter((_, place) => place !== at), rule]
}
