// What entries of an audit log show, the owner's and a company's alike.
import { Stack, Text } from '@mantine/core'
import { BadgeCheck, Clock } from 'lucide-react'
import type { AuditEntry } from '~/api/types'
import { count } from '~/lib/format'
import c from './cells.module.css'

/** `company_key.rotated` as a person would say it. */
export function inWords(action: string): string {
  const words = action.replace('.', ' ').replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** The number of an entry's seal. */
export function Seal({ seal }: Pick<AuditEntry, 'seal'>) {
  return (
    <span className={c.seal}>
      {seal ? <BadgeCheck size={14} aria-hidden /> : <Clock size={14} aria-hidden />}
      {seal ? count(seal) : 'Within minutes'}
    </span>
  )
}

const SHOWN = 4

export function Changes({ changes, reason }: Pick<AuditEntry, 'changes' | 'reason'>) {
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

function ChangeList({ changes }: Pick<AuditEntry, 'changes'>) {
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
