// What the address of a company's audit log holds.
import { anyOf, day, matching, type SearchOf, searchOf, text } from '~/lib/search'

/** What is done to one kind of thing. */
export const THINGS = {
  'employee.': 'Employees',
  'team.': 'Teams',
  'settings.': 'Settings',
  'work_session.': 'Sessions',
  'manual_time.': 'Manual time',
  'dispute.': 'Disputes',
  'sign_in_policy.': 'Sign-in policy',
  'account.': 'Own accounts',
  'api_token.': 'API tokens',
  'company_key.': 'Company key',
  'company.': 'The company',
  'retention.': 'Retention',
  'export.': 'Exports of everything',
  'employees.': 'Files of employees',
  'usage.': 'Files of usage',
  'audit_log.': 'Files of this log',
} as const

export const auditSearch = searchOf({
  kind: anyOf(['change', 'access']),
  actor: text(),
  action: text(),
  /** About one person. */
  person: matching(/^[\da-f-]{36}$/),
  /** Days of the company's zone, both included. */
  from: day(),
  to: day(),
  cursor: text(),
})

export type AuditSearch = SearchOf<typeof auditSearch>
