// What people contest of what was recorded of them, and the answers. Admins see everybody's and answer, employees their own.
import { Card, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { MessageSquareWarning } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useDayZone, useMe, useZone } from '~/api/me'
import { DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { administers } from '~/lib/can'
import { zoneLabel } from '~/lib/time'
import { disputeColumns } from './columns'
import { Filters } from './filters'
import { disputesQuery, filterOf } from './queries'

const DisputeDialog = lazy(() => import('./dispute-dialog'))

const route = getRouteApi('/_app/_me/disputes')

export function DisputesPage() {
  const zone = useZone()
  const isAdmin = administers(useMe())
  const purpose = isAdmin
    ? 'What people contest of what was recorded of them. They read your answer, and both stay on record.'
    : 'What you contest of what was recorded of you, and what was answered.'
  return (
    <Page title="Disputes" purpose={`${purpose} Times in ${zoneLabel(zone)}.`}>
      <Card p={0} component="section" aria-label="List of disputes">
        <Filters isAdmin={isAdmin} />
        <List isAdmin={isAdmin} />
      </Card>
    </Page>
  )
}

function List({ isAdmin }: { isAdmin: boolean }) {
  const { dispute: open, ...search } = route.useSearch()
  const navigate = route.useNavigate()
  const zone = useZone()
  const dayZone = useDayZone()
  const disputes = useQuery(disputesQuery(filterOf(search), search.cursor))
  const opened = disputes.data?.items.find(({ id }) => id === open)
  const show = (dispute: string | undefined) =>
    void navigate({
      search: (old) => ({ ...old, dispute }),
      replace: !dispute,
      resetScroll: false,
    })
  return (
    <>
      <Loaded query={disputes} skeleton={<Skeleton h={320} m="md" w="auto" />}>
        {(page) => {
          if (page.items.length > 0)
            return (
              <>
                <DataTable
                  caption="Disputes"
                  columns={disputeColumns({ zone, dayZone, withPeople: isAdmin, onOpen: show })}
                  rows={page.items}
                  rowKey={({ id }) => id}
                  busy={disputes.isPlaceholderData}
                />
                <Pager
                  shown={page.items.length}
                  cursor={search.cursor}
                  next={page.next_cursor}
                  onGo={(cursor, state) =>
                    void navigate({ search: (old) => ({ ...old, cursor }), state })
                  }
                />
              </>
            )
          if (Object.values(search).some(Boolean)) return <NoMatch title="No dispute matches" />
          return (
            <Empty icon={MessageSquareWarning} title="Nothing is contested">
              {isAdmin
                ? 'People contest ten minutes of their own day, or how an application or a site is labelled.'
                : 'Contest ten minutes on My day, or how an application or a site is labelled on My usage.'}
            </Empty>
          )
        }}
      </Loaded>
      <Suspense>
        {opened && <DisputeDialog dispute={opened} onClose={() => show(undefined)} />}
      </Suspense>
    </>
  )
}
