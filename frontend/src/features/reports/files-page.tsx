// Reports that were made in the background, for whoever asked for them and those a schedule sends them to.
import { Badge, Button, Card, Progress, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Download, FileClock } from 'lucide-react'
import { useZone } from '~/api/me'
import type { ReportFile } from '~/api/types'
import type { Column } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { FormProblem } from '~/components/form-problem'
import { ButtonLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { PagedTable } from '~/components/paged-table'
import { bytes } from '~/lib/format'
import { formatDateTime, zoneLabel } from '~/lib/time'
import { reportFilesQuery, useFetchFile } from './made-queries'
import { KINDS } from './words'

const route = getRouteApi('/_app/_admin/report-files')

export function ReportFilesPage() {
  const { cursor } = route.useSearch()
  const navigate = route.useNavigate()
  const zone = useZone()
  const files = useQuery(reportFilesQuery(cursor))
  const fetching = useFetchFile()
  return (
    <Page
      title="Report files"
      purpose={`Made in the background or on a schedule, and kept for a day. Times in ${zoneLabel(zone)}.`}
      actions={
        <ButtonLink variant="default" to="/reports">
          Reports
        </ButtonLink>
      }
    >
      <FormProblem error={fetching.error} />
      <Card p={0} component="section" aria-label="Report files">
        <Loaded query={files} skeleton={<Skeleton h={240} m="md" w="auto" />}>
          {(page) =>
            page.items.length === 0 ? (
              <Empty icon={FileClock} title="No report was made yet">
                Large ones are made here while you do something else: Reports, Export, In the
                background.
              </Empty>
            ) : (
              <PagedTable
                caption="Report files"
                columns={columns(
                  zone,
                  fetching.isPending ? fetching.variables?.id : undefined,
                  fetching.mutate,
                )}
                page={page}
                rowKey={({ id }) => id}
                busy={files.isPlaceholderData}
                cursor={cursor}
                onGo={(cursor, state) =>
                  void navigate({ search: (old) => ({ ...old, cursor }), state })
                }
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  )
}

function columns(
  zone: string,
  fetching: string | undefined,
  onFetch: (file: ReportFile) => void,
): Column<ReportFile>[] {
  return [
    { key: 'name', header: 'Report', names: true, cell: ({ name }) => name },
    { key: 'kind', header: 'Of', cell: ({ report }) => KINDS[report.kind].label },
    { key: 'format', header: 'Format', cell: ({ format }) => format.toUpperCase() },
    {
      key: 'made',
      header: 'Asked for',
      cell: ({ created_at }) => formatDateTime(created_at, zone),
    },
    { key: 'state', header: 'State', cell: (file) => <State file={file} zone={zone} /> },
    {
      key: 'fetch',
      header: 'Download',
      bare: true,
      align: 'end',
      cell: (file) =>
        file.state === 'ready' && (
          <Button
            variant="default"
            size="xs"
            leftSection={<Download size={14} aria-hidden />}
            loading={fetching === file.id}
            aria-label={`Download ${file.name}`}
            onClick={() => onFetch(file)}
          >
            {file.bytes ? bytes(file.bytes) : 'Download'}
          </Button>
        ),
    },
  ]
}

function State({ file, zone }: { file: ReportFile; zone: string }) {
  if (file.state === 'queued') return <Text size="sm">Waits</Text>
  if (file.state === 'running')
    return (
      <Progress
        value={file.parts ? (file.parts_done / file.parts) * 100 : 0}
        aria-label={`${file.name}, done`}
        w={120}
      />
    )
  if (file.state === 'ready' && file.expires_at)
    return <Text size="sm">Until {formatDateTime(file.expires_at, zone)}</Text>
  return (
    <Badge variant="default" tt="none">
      {file.state === 'failed' ? 'Could not be made' : 'Taken away'}
    </Badge>
  )
}
