// Everything of the company as one file. Open to companies that do not take part any more: their data stay theirs.
import { Button, Card, Skeleton, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { PackageOpen } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useMe, useZone } from '~/api/me'
import { Empty } from '~/components/empty'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { isBeingMade } from '~/components/made-file'
import { Page } from '~/components/page'
import { PagedTable } from '~/components/paged-table'
import { WithReason } from '~/components/with-reason'
import { zoneLabel } from '~/lib/time'
import { exportColumns } from './columns'
import { exportsQuery, useDownload } from './queries'

const CreateDialog = lazy(() => import('./create-dialog'))
const LeaveDialog = lazy(() => import('./leave-dialog'))

const route = getRouteApi('/_app/_admin/exports')

export function ExportsPage() {
  const { cursor, create } = route.useSearch()
  const navigate = route.useNavigate()
  const zone = useZone()
  const exports = useQuery(exportsQuery(cursor))
  const download = useDownload()
  const me = useMe()
  const busy = exports.data?.items.some(isBeingMade)
  const ask = (create: boolean) =>
    void navigate({ search: (old) => ({ ...old, create }), replace: !create })
  const columns = exportColumns({
    zone,
    fetching: download.isPending ? download.variables : undefined,
    onFetch: (one) => download.mutate(one),
  })
  return (
    <Page
      title="Exports"
      purpose={`Everything of your company as one file: each table as JSON, and the pictures. Kept for a day. Times in ${zoneLabel(zone)}.`}
      actions={
        <WithReason reason={busy ? 'One is being made: the next one can follow it.' : undefined}>
          {(blocked) => (
            <Button
              leftSection={<PackageOpen size={16} aria-hidden />}
              onClick={() => ask(true)}
              {...blocked}
            >
              Export everything
            </Button>
          )}
        </WithReason>
      }
    >
      <FormProblem error={download.error} />
      <Card p={0} component="section" aria-label="Exports">
        <Loaded query={exports} skeleton={<Skeleton h={240} m="md" w="auto" />}>
          {(page) =>
            page.items.length === 0 ? (
              <Empty icon={PackageOpen} title="Nothing was exported yet">
                For your own archive, or to take along when you leave.
              </Empty>
            ) : (
              <PagedTable
                caption="Exports"
                columns={columns}
                page={page}
                rowKey={({ id }) => id}
                busy={exports.isPlaceholderData}
                cursor={cursor}
                onGo={(cursor, state) =>
                  void navigate({ search: (old) => ({ ...old, cursor }), state })
                }
              />
            )
          }
        </Loaded>
      </Card>
      {me.company?.status !== 'CANCELLED' && <Leaving />}
      <Suspense>{create && <CreateDialog onClose={() => ask(false)} />}</Suspense>
    </Page>
  )
}

function Leaving() {
  const [asking, setAsking] = useState(false)
  return (
    <Card component="section" aria-labelledby="leaving">
      <Title order={2} size="h5" id="leaving">
        Leaving
      </Title>
      <Text size="sm" c="dimmed" mb="md" maw={640}>
        Export everything first. Thirty days after you cancel the company, everything of it is
        erased, and you can be given a certificate of it.
      </Text>
      <div>
        <Button variant="default" onClick={() => setAsking(true)}>
          Cancel the company
        </Button>
      </div>
      <Suspense>{asking && <LeaveDialog onClose={() => setAsking(false)} />}</Suspense>
    </Card>
  )
}
