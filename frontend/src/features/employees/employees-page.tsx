// The people of the company: who is active, who is invited, today's time; inviting and deactivating.
import { Button, Card, NativeSelect, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { UserPlus, Users } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useMe, useZone } from '~/api/me'
import type { Employees } from '~/api/types'
import { DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { ExportCsv } from '~/components/export-csv'
import { FilterBar } from '~/components/filter-bar'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { SearchField } from '~/components/search-field'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { employeeColumns, employeeCsv } from './columns'
import { employeesQuery } from './queries'
import { type EmployeesSearch, STATUSES } from './search'

const InviteDialog = lazy(() => import('./invite-dialog'))

const route = getRouteApi('/_app/_admin/employees/')

function useGo() {
  const navigate = route.useNavigate()
  /** A changed filter starts at the first page. */
  return (change: Partial<EmployeesSearch>) =>
    void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }), replace: true })
}

export function EmployeesPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const people = useQuery(employeesQuery(search))
  const readOnly = whyReadOnly(useMe())
  const ask = (invite: boolean) =>
    void navigate({ search: (old) => ({ ...old, invite }), replace: !invite })
  return (
    <Page
      title="Employees"
      purpose="Everybody with access to your company, in order of their names."
      actions={
        <WithReason reason={readOnly}>
          {(blocked) => (
            <Button
              leftSection={<UserPlus size={16} aria-hidden />}
              onClick={() => ask(true)}
              {...blocked}
            >
              Invite
            </Button>
          )}
        </WithReason>
      }
    >
      <Card p={0} component="section" aria-label="List of employees">
        <Filters rows={people.data} />
        <Loaded query={people} skeleton={<Skeleton h={320} m="md" w="auto" />}>
          {(page) =>
            page.items.length === 0 ? (
              <Nobody onInvite={() => ask(true)} blocked={readOnly} />
            ) : (
              <Rows page={page} busy={people.isPlaceholderData} />
            )
          }
        </Loaded>
      </Card>
      <Suspense>
        {search.invite && !readOnly && <InviteDialog onClose={() => ask(false)} />}
      </Suspense>
    </Page>
  )
}

function Filters({ rows }: { rows: Employees | undefined }) {
  const search = route.useSearch()
  const go = useGo()
  return (
    <FilterBar
      search={
        <SearchField label="Search employees" initial={search.q} onSearch={(q) => go({ q })} />
      }
      filters={
        <NativeSelect
          aria-label="Status"
          value={search.status ?? ''}
          onChange={({ currentTarget: { value } }) =>
            go({ status: STATUSES.find((status) => status === value) })
          }
          data={[
            { value: '', label: 'Any status' },
            { value: 'active', label: 'Active' },
            { value: 'invited', label: 'Invited' },
            { value: 'deactivated', label: 'Deactivated' },
          ]}
        />
      }
      actions={<ExportCsv name="employees" columns={employeeCsv} rows={rows?.items} />}
    />
  )
}

function Rows({ page, busy }: { page: Employees; busy: boolean }) {
  const zone = useZone()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <>
      <DataTable
        caption="Employees"
        columns={employeeColumns(zone)}
        rows={page.items}
        rowKey={(person) => person.id}
        busy={busy}
      />
      <Pager
        shown={page.items.length}
        cursor={search.cursor}
        next={page.next_cursor}
        onGo={(cursor, state) => void navigate({ search: (old) => ({ ...old, cursor }), state })}
      />
    </>
  )
}

function Nobody({ onInvite, blocked }: { onInvite: () => void; blocked: string | undefined }) {
  const { q, status } = route.useSearch()
  if (q || status) return <NoMatch title="Nobody matches" />
  return (
    <Empty
      icon={Users}
      title="Nobody is here yet"
      action={!blocked && <Button onClick={onInvite}>Invite the first person</Button>}
    >
      People you invite set their own password. Then you set up the agent on their computer.
    </Empty>
  )
}
