// Columns of the table of exports.
import { Button, Text } from '@mantine/core'
import { Download } from 'lucide-react'
import type { CompanyExport } from '~/api/types'
import type { Column } from '~/components/data-table'
import { FileContent, FileState } from '~/components/made-file'
import { bytes } from '~/lib/format'
import { formatDateTime } from '~/lib/time'

type Options = {
  zone: string
  fetching: CompanyExport | undefined
  onFetch: (of: CompanyExport) => void
}

export function exportColumns({ zone, fetching, onFetch }: Options): Column<CompanyExport>[] {
  return [
    {
      key: 'created',
      header: 'Asked for',
      names: true,
      cell: ({ created_at }) => formatDateTime(created_at, zone),
    },
    { key: 'by', header: 'By', cell: ({ requested_by }) => requested_by },
    {
      key: 'state',
      header: 'State',
      cell: (one) => <FileState of={one} />,
    },
    { key: 'content', header: 'Rows and pictures', cell: (one) => <FileContent of={one} /> },
    {
      key: 'size',
      header: 'Size',
      align: 'end',
      cell: (one) => (one.bytes ? bytes(one.bytes) : '–'),
    },
    {
      key: 'until',
      header: 'Until',
      cell: ({ expires_at }) => (expires_at ? formatDateTime(expires_at, zone) : '–'),
    },
    {
      key: 'fetch',
      header: 'Actions',
      bare: true,
      align: 'end',
      cell: (one) =>
        one.state === 'ready' &&
        (one.is_mine ? (
          <Button
            variant="default"
            size="xs"
            leftSection={<Download size={14} aria-hidden />}
            loading={fetching?.id === one.id}
            onClick={() => onFetch(one)}
            aria-label={`Download the export of ${formatDateTime(one.created_at, zone)}`}
          >
            Download
          </Button>
        ) : (
          <Text size="xs" c="dimmed">
            {one.requested_by} can fetch it
          </Text>
        )),
    },
  ]
}
