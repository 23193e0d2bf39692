// Columns of the audit log.
import { Text } from '@mantine/core'
import type { AuditEntry } from '~/api/types'
import { Changes, inWords, Seal } from '~/components/audit/cells'
import { type Column, TwoLines } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { formatDateTime } from '~/lib/time'

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
    { key: 'changes', header: 'What changed, and why', cell: (entry) => <Changes {...entry} /> },
    {
      key: 'seal',
      header: 'Seal',
      align: 'end',
      cell: (entry) => <Seal {...entry} />,
    },
  ]
}
