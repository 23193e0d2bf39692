// Everything that the company records about oneself, to take along as one file.
import { Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { Download, PackageOpen } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useZone } from '~/api/me'
import type { OwnExport } from '~/api/types'
import { type Column, DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { FileContent, FileState, isBeingMade } from '~/components/made-file'
import { WithReason } from '~/components/with-reason'
import { bytes } from '~/lib/format'
import { formatDateTime } from '~/lib/time'
import { ownExportsQuery, useDownloadOwnExport } from './queries'

const AboutMeDialog = lazy(() => import('./about-me-dialog'))

export function AboutMeCard() {
  const exports = useQuery(ownExportsQuery)
  const download = useDownloadOwnExport()
  const zone = useZone()
  const [asking, dialog] = useDisclosure()
  const busy = exports.data?.items.some(isBeingMade)
  const fetching = download.isPending ? download.variables.id : undefined
  return (
    <Card p={0} component="section" aria-label="Everything about you">
      <Group justify="space-between" p="md">
        <Stack gap={2} flex="1 1 16rem">
          <Title order={2} size="h5">
            Everything about you
          </Title>
          <Text size="sm" c="dimmed">
            All that your company records about you as one file, with your pictures and a text that
            says what is in it. Only you can fetch it, for a day.
          </Text>
        </Stack>
        <WithReason reason={busy ? 'One is being made: the next one can follow it.' : undefined}>
          {(blocked) => (
            <Button
              variant="default"
              leftSection={<PackageOpen size={16} aria-hidden />}
              onClick={dialog.open}
              {...blocked}
            >
              Export everything
            </Button>
          )}
        </WithReason>
      </Group>
      <FormProblem error={download.error} />
      <Loaded query={exports} skeleton={<Skeleton h={120} m="md" w="auto" />}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={PackageOpen} title="Nothing was exported yet">
              To look through, to keep, or to take along when you leave.
            </Empty>
          ) : (
            <DataTable
              caption="Your exports"
              columns={columns(zone, fetching, (one) => download.mutate(one))}
              rows={items}
              rowKey={({ id }) => id}
            />
          )
        }
      </Loaded>
      <Suspense>{asking && <AboutMeDialog onClose={dialog.close} />}</Suspense>
    </Card>
  )
}

function columns(
  zone: string,
  fetching: string | undefined,
  onFetch: (one: OwnExport) => void,
): Column<OwnExport>[] {
  return [
    {
      key: 'created',
      header: 'Asked for',
      names: true,
      cell: ({ created_at }) => formatDateTime(created_at, zone),
    },
    { key: 'state', header: 'State', cell: (one) => <FileState of={one} /> },
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
        one.state === 'ready' && (
          <Button
            variant="default"
            size="xs"
            leftSection={<Download size={14} aria-hidden />}
            loading={fetching === one.id}
            onClick={() => onFetch(one)}
            aria-label={`Download what was exported on ${formatDateTime(one.created_at, zone)}`}
          >
            Download
          </Button>
        ),
    },
  ]
}
