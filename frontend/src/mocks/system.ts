// How the mock's service is doing: mostly well.
import type { System } from '~/api/types'
import { id } from './random'

export function makeSystem(now: Date): System {
  const past = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()
  return {
    queue: [
      { kind: 'mail', state: 'failed', jobs: 1, oldest_at: past(300) },
      { kind: 'roll_up', state: 'queued', jobs: 12, oldest_at: past(0.1) },
      { kind: 'roll_up', state: 'running', jobs: 2, oldest_at: past(0.2) },
    ],
    failed: [
      {
        id: id('job', 1),
        kind: 'mail',
        company_id: id('company', 1),
        attempts: 8,
        failed_at: past(290),
      },
    ],
    schedule: [
      { kind: 'overview', every_seconds: 60, last_done_at: past(0.5), is_late: false },
      { kind: 'expiry', every_seconds: 60, last_done_at: past(11), is_late: true },
      { kind: 'partitions', every_seconds: 86_400, last_done_at: past(500), is_late: false },
    ],
    status: {
      counted_at: past(2),
      database_bytes: 4_812_000_000,
      partitions: ['activity_log', 'application_usage', 'website_usage'].map((table) => ({
        table,
        first_month: '2025_09',
        last_month: '2027_02',
        has_stray_rows: table === 'website_usage',
      })),
      agents: [
        { version: '0.1.0', devices: 389 },
        { version: '0.0.9', devices: 14 },
      ],
      findings: [],
    },
  }
}
