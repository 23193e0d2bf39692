// People who were removed for good: that it was done, and how much went. Their names went first.
import { Card, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Eraser } from 'lucide-react'
import { useZone } from '~/api/me'
import { Empty } from '~/components/empty'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { PagedTable } from '~/components/paged-table'
import { zoneLabel } from '~/lib/time'
import { removalColumns } from './columns'
import { removalsQuery } from './queries'

const route = getRouteApi('/_app/_admin/removals')

export function RemovalsPage() {
  const { cursor } = route.useSearch()
  const navigate = route.useNavigate()
  const zone = useZone()
  const removals = useQuery(removalsQuery(cursor))
  return (
    <Page
      title="Removed people"
      purpose={`Who was removed for good, without their names. Times in ${zoneLabel(zone)}.`}
    >
      <Card p={0} component="section" aria-label="Removed people">
        <Loaded query={removals} skeleton={<Skeleton h={240} m="md" w="auto" />}>
          {(page) =>
            page.items.length === 0 ? (
              <Empty icon={Eraser} title="Nobody was removed yet">
                Deactivate a person first; their menu then offers to remove them for good.
              </Empty>
            ) : (
              <PagedTable
                caption="Removed people"
                columns={removalColumns(zone)}
                page={page}
                rowKey={({ id }) => id}
                busy={removals.isPlaceholderData}
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
