// Who works with whom: the company's teams.
import { Button, Card, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Plus, UsersRound } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useMe, useZone } from '~/api/me'
import type { Teams } from '~/api/types'
import { DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { FilterBar } from '~/components/filter-bar'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { SearchField } from '~/components/search-field'
import { teamsQuery } from '~/components/teams/queries'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { teamColumns } from './columns'

const TeamDialog = lazy(() => import('./team-dialog'))

const route = getRouteApi('/_app/_admin/teams')

export function TeamsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const teams = useQuery(teamsQuery(search))
  const readOnly = whyReadOnly(useMe())
  const ask = (create: boolean) =>
    void navigate({ search: (old) => ({ ...old, create }), replace: !create })
  return (
    <Page
      title="Teams"
      purpose="Groups of people who work together. A person is in one team or in none."
      actions={
        <WithReason reason={readOnly}>
          {(blocked) => (
            <Button
              leftSection={<Plus size={16} aria-hidden />}
              onClick={() => ask(true)}
              {...blocked}
            >
              New team
            </Button>
          )}
        </WithReason>
      }
    >
      <Card p={0} component="section" aria-label="List of teams">
        <FilterBar
          search={
            <SearchField
              label="Search teams"
              initial={search.q}
              onSearch={(q) =>
                void navigate({
                  search: (old) => ({ ...old, q, cursor: undefined }),
                  replace: true,
                })
              }
            />
          }
          filters={null}
          actions={null}
        />
        <Loaded query={teams} skeleton={<Skeleton h={240} m="md" w="auto" />}>
          {(page) =>
            page.items.length > 0 ? (
              <Rows page={page} busy={teams.isPlaceholderData} />
            ) : search.q ? (
              <NoMatch title="No team matches" />
            ) : (
              <Empty
                icon={UsersRound}
                title="There are no teams yet"
                action={!readOnly && <Button onClick={() => ask(true)}>Make the first team</Button>}
              >
                With teams you filter people and compare what belongs together.
              </Empty>
            )
          }
        </Loaded>
      </Card>
      <Suspense>{search.create && !readOnly && <TeamDialog onClose={() => ask(false)} />}</Suspense>
    </Page>
  )
}

function Rows({ page, busy }: { page: Teams; busy: boolean }) {
  const zone = useZone()
  const { cursor } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <>
      <DataTable
        caption="Teams"
        columns={teamColumns(zone)}
        rows={page.items}
        rowKey={(team) => team.id}
        busy={busy}
      />
      <Pager
        shown={page.items.length}
        cursor={cursor}
        next={page.next_cursor}
        onGo={(cursor, state) => void navigate({ search: (old) => ({ ...old, cursor }), state })}
      />
    </>
  )
}
