// The audit log of the mock: a few weeks of an owner's work.
import type { AuditEntry, CompanyAuditEntry } from '~/api/types'
import { id } from './random'

type Row = [string, string, number | undefined, string | undefined, AuditEntry['changes']]
/** action, actor, company's number, reason, changes; the newest first */
const ROWS: Row[] = [
  [
    'company.suspended',
    'olga@vendor.test',
    2,
    'Unpaid since September, reminded three times',
    [{ name: 'was', after: 'ACTIVE' }],
  ],
  [
    'plan.changed',
    'olga@vendor.test',
    undefined,
    undefined,
    [
      { name: 'max_employees', before: '40', after: '50' },
      { name: 'max_storage_gb', before: '80', after: '100' },
      { name: 'history_days', before: '90', after: '365' },
      {
        name: 'prices',
        before: '[{"currency":"USD","price_minor":8900}]',
        after: '[{"currency":"USD","price_minor":9900}]',
      },
      { name: 'webhooks', before: 'false', after: 'true' },
    ],
  ],
  ['company_key.rotated', 'paul@vendor.test', 1, 'Routine', [{ name: 'grace_days', after: '7' }]],
  ['company.expired', 'system', 7, undefined, []],
  [
    'account.two_factor_set_up',
    'paul@vendor.test',
    undefined,
    undefined,
    [{ name: 'sign_ins', after: '0' }],
  ],
  ['company.created', 'olga@vendor.test', 1, undefined, [{ name: 'plan', after: 'PRO' }]],
]
const NAMES = ['Acme Ltd', 'Bolt Logistics', '', '', '', '', 'Granite Partners']

export function makeAudit(now: Date): AuditEntry[] {
  return ROWS.map(([action, actor, company, reason, changes], number) => ({
    id: id('audit', number + 1),
    at: new Date(now.getTime() - (number * 30 + 0.5) * 3_600_000).toISOString(),
    action,
    actor,
    ...(company ? { company: { id: id('company', company), name: NAMES[company - 1] } } : {}),
    ...(reason ? { reason } : {}),
    changes,
    ...(actor === 'system' ? {} : { address: '203.0.113.7', request_id: `req-audit-${number}` }),
    ...(number > 0 ? { seal: ROWS.length - number } : {}),
  }))
}

type Done = [
  string,
  CompanyAuditEntry['kind'],
  string | undefined,
  string | undefined,
  AuditEntry['changes'],
]
/** action, kind, reason, day, changes; the newest first */
const DONE: Done[] = [
  ['access.timeline', 'access', undefined, '2026-11-20', []],
  [
    'employee.role_changed',
    'change',
    undefined,
    undefined,
    [{ name: 'role', before: 'EMPLOYEE', after: 'ADMIN' }],
  ],
  [
    'settings.changed',
    'change',
    undefined,
    undefined,
    [{ name: 'record_titles', before: 'true', after: 'false' }],
  ],
  [
    'work_session.excluded',
    'change',
    'Forgot to stop it',
    undefined,
    [{ name: 'tracked_seconds', before: '27000', after: '24300' }],
  ],
  ['access.screenshot', 'access', undefined, '2026-11-19', []],
  ['team.created', 'change', undefined, undefined, [{ name: 'name', after: 'Design' }]],
]

/** A company's: what an admin did, and at whom they looked. */
export function makeCompanyAudit(
  now: Date,
  admin: { name: string; email: string },
  subject: NonNullable<CompanyAuditEntry['subject']>,
): CompanyAuditEntry[] {
  return DONE.map(([action, kind, reason, day, changes], number) => ({
    id: id('company-audit', number + 1),
    at: new Date(now.getTime() - (number * 5 + 0.2) * 3_600_000).toISOString(),
    kind,
    action,
    actor: kind === 'access' ? admin.name : admin.email,
    ...(/^(access|employee|work)/.test(action) ? { subject } : {}),
    ...(day ? { day } : {}),
    ...(reason ? { reason } : {}),
    changes,
    ...(kind === 'access' ? {} : { address: '198.51.100.4', request_id: `req-own-${number}` }),
    ...(number > 0 ? { seal: DONE.length - number } : {}),
  }))
}
