// Columns of the table of erased companies.
import type { Erasure } from '~/api/types'
import { type Column, TwoLines } from '~/components/data-table'
import { ButtonLink } from '~/components/links'
import { Pill } from '~/components/pill'
import { bytes, count } from '~/lib/format'
import { formatDateTime } from '~/lib/time'

export function erasureColumns(zone: string): Column<Erasure>[] {
  return [
    { key: 'name', header: 'Company', names: true, cell: ({ name }) => name },
    {
      key: 'cancelled',
      header: 'Cancelled',
      cell: ({ cancelled_at }) => formatDateTime(cancelled_at, zone),
    },
    {
      key: 'erased',
      header: 'Erased',
      cell: ({ erased_at }) =>
        erased_at ? formatDateTime(erased_at, zone) : <Pill tone="warn">Under way</Pill>,
    },
    { key: 'rows', header: 'Rows', align: 'end', cell: ({ rows }) => count(rows) },
    {
      key: 'objects',
      header: 'Objects',
      align: 'end',
      cell: (one) => <TwoLines first={count(one.objects)} second={bytes(one.object_bytes)} />,
    },
    {
      key: 'certificate',
      header: 'Actions',
      bare: true,
      align: 'end',
      cell: ({ company_id, name }) => (
        <ButtonLink
          to="/owner/erasures"
          search={(old) => ({ ...old, company: company_id })}
          replace
          size="xs"
          variant="default"
          aria-label={`Certificate of ${name}`}
        >
          Certificate
        </ButtonLink>
      ),
    },
  ]
}
