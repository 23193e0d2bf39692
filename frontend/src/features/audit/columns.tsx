// Columns of a company's audit log.
import { Text } from '@mantine/core'
import type { CompanyAuditEntry } from '~/api/types'
import { Changes, inWords, Seal } from '~/components/audit/cells'
import { type Column, TwoLines } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { formatDateTime, formatDay } from '~/lib/time'

/** What somebody opened of a person. */
const LOOKS: Record<string, string> = {
  'access.timeline': 'Looked at a day',
  'access.sessions': 'Looked at sessions',
  'access.gallery': 'Looked at blurred pictures',
  'access.screenshot': 'Opened an original picture',
  'access.usage': 'Looked at sums',
  'access.tasks': 'Looked at time spent on tasks',
  'access.alerts': 'Looked at alerts',
  'access.live': 'Looked at who works now',
  'access.export': 'Took all data along',
}

export const doneInWords = (action: string) => LOOKS[action] ?? inWords(action)

export function auditColumns(zone: string): Column<CompanyAuditEntry>[] {
  return [
    {
      key: 'action',
      header: 'What',
      names: true,
      cell: ({ action, subject }) => (
        <TwoLines
          first={
            <Text span size="sm" fw={600}>
              {doneInWords(action)}
            </Text>
          }
          second={subject && <Subject {...subject} />}
        />
      ),
    },
    {
      key: 'actor',
      header: 'Who',
      cell: ({ actor, address }) => <TwoLines first={actor} second={address} />,
    },
    { key: 'at', header: 'When', cell: ({ at }) => formatDateTime(at, zone) },
    {
      key: 'changes',
      header: 'What changed, and why',
      cell: ({ day, ...entry }) =>
        day && !entry.reason ? `Of ${formatDay(day)}` : <Changes {...entry} />,
    },
    { key: 'seal', header: 'Seal', align: 'end', cell: (entry) => <Seal {...entry} /> },
  ]
}

function Subject({ id, name }: NonNullable<CompanyAuditEntry['subject']>) {
  if (!name) return 'Somebody who was removed'
  return (
    <AnchorLink to="/employees/$employeeId" params={{ employeeId: id }} underline="always" inherit>
      {name}
    </AnchorLink>
  )
}
