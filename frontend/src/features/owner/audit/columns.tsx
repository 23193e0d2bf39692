// Columns of the audit log.
import { Stack, Text } from '@mantine/core'
import { BadgeCheck, Clock } from 'lucide-react'
import type { AuditEntry } from '~/api/types'
import { type Column, TwoLines } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { count } from '~/lib/format'
import { formatDateTime } from '~/lib/time'
import c from './columns.module.css'

/** `company_key.rotated` as a person would say it. */
export function inWords(action: string): string {
  const words = action.replace('.', ' ').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export function auditColumns(zone: string): Column<AuditEntry>[] {
  return [
    {
      key: 'action',
      header: 'What',
      names: true,
      cell: ({ action, company }) => (
        <TwoLines
          first={
            <Text span size="sm" fw={600}>
              {inWords(action)}
            </Text>
          }
          second={
            company && (
              <AnchorLink
                to="/owner/company/$companyId"
                params={{ companyId: company.id }}
                underline="always"
                inherit
              >
                {company.name ?? 'A company that is gone'}
              </AnchorLink>
            )
          }
        />
      ),
    },
    {
      key: 'actor',
      header: 'Who',
      cell: ({ actor, address }) => <TwoLines first={actor} second={address} />,
    },
    { key: 'at', header: 'When', cell: ({ at }) => formatDateTime(at, zone) },
    { key: 'changes', header: 'What changed, and why', cell: (entry) => <Changes entry={entry} /> },
    {
      key: 'seal',
      header: 'Seal',
      align: 'end',
      cell: ({ seal }) => (
        <span className={c.seal}>
          {seal ? <BadgeCheck size={14} aria-hidden /> : <Clock size={14} aria-hidden />}
          {seal ? count(seal) : 'Within minutes'}
        </span>
      ),
    },
  ]
}

const SHOWN = 4

function Changes({ entry: { changes, reason } }: { entry: AuditEntry }) {
  if (!reason && changes.length === 0) return <Text c="dimmed">–</Text>
  const rest = changes.slice(SHOWN)
  return (
    <Stack gap={2} className={c.changes}>
      {reason && <Text size="sm">“{reason}”</Text>}
      <ChangeList changes={changes.slice(0, SHOWN)} />
      {rest.length > 0 && (
        <details>
          <summary>{count(rest.length)} more</summary>
          <ChangeList changes={rest} />
        </details>
      )}
    </Stack>
  )
}

function ChangeList({ changes }: { changes: AuditEntry['changes'] }) {
  if (changes.length === 0) return null
  return (
    <dl className={c.list}>
      {changes.map(({ name, before, after }) => (
        <div key={name}>
          <dt>{name.replaceAll('_', ' ')}</dt>
          <dd>
            {before !== undefined && (
              <>
                <s>{before}</s> <span aria-hidden>→</span>{' '}
              </>
            )}
            {after ?? 'none'}
          </dd>
        </div>
      ))}
    </dl>
  )
}
