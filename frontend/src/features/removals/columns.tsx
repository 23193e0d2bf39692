// Columns of the table of removals.
import { Code } from '@mantine/core'
import type { Removal } from '~/api/types'
import type { Column } from '~/components/data-table'
import { Pill } from '~/components/pill'
import { count } from '~/lib/format'
import { formatDateTime } from '~/lib/time'

export function removalColumns(zone: string): Column<Removal>[] {
  return [
    {
      key: 'requested',
      header: 'Asked for',
      names: true,
      cell: ({ requested_at }) => formatDateTime(requested_at, zone),
    },
    { key: 'by', header: 'By', cell: ({ requested_by }) => requested_by ?? 'Removed person' },
    {
      key: 'state',
      header: 'State',
      cell: ({ removed_at }) =>
        removed_at ? (
          <Pill tone="good">Nothing is left</Pill>
        ) : (
          <Pill tone="off">Being removed</Pill>
        ),
    },
    {
      key: 'done',
      header: 'Done',
      cell: ({ removed_at }) => (removed_at ? formatDateTime(removed_at, zone) : '–'),
    },
    { key: 'rows', header: 'Rows', align: 'end', cell: ({ rows }) => count(rows) },
    { key: 'objects', header: 'Files', align: 'end', cell: ({ objects }) => count(objects) },
    {
      key: 'id',
      header: 'ID that entries still have',
      cell: ({ employee_id }) => <Code>{employee_id}</Code>,
    },
  ]
}
