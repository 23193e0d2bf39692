// What the address of the audit log holds.
import { z } from 'zod/mini'
import { day, matching, text } from '~/lib/search'

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

export const auditSearch = z.object({
  actor: text(),
  action: text(),
  /** Of one company. */
  company: matching(/^[\da-f-]{36}$/),
  /** Days of the reader's zone, both included. */
  from: day(),
  to: day(),
  cursor: text(),
})

export type AuditSearch = z.infer<typeof auditSearch>
