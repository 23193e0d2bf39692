// What the address of the audit log holds.
import { day, matching, type SearchOf, searchOf, text } from '~/lib/search'

/** What is done to one kind of thing. */
export const THINGS = {
  'company.': 'Companies',
  'company_key.': 'Company keys',
  'plan.': 'Plans',
  'exchange_rate.': 'Exchange rates',
  'owner.': 'Owners',
  'account.': 'Own accounts',
  'company_list.': 'Files of companies',
  'report.': 'Files of reports',
  'audit_log.': 'Files of this log',
} as const

export const auditSearch = searchOf({
  actor: text(),
  action: text(),
  /** Of one company. */
  company: matching(/^[\da-f-]{36}$/),
  /** Days of the reader's zone, both included. */
  from: day(),
  to: day(),
  cursor: text(),
})

export type AuditSearch = SearchOf<typeof auditSearch>
