// The audit log of the mock: a few weeks of an owner's work.
import type { AuditEntry } from '~/api/types'
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
