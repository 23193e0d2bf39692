// The company's people and open invitations: found, sorted, saved as a file; inviting.
import { Anchor, Button, Card, NativeSelect, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { UserPlus, Users } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useMe, useZone } from '~/api/me'
import type { Employees } from '~/api/types'
import { DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { ExportFiles } from '~/components/export-files'
import { FilterBar } from '~/components/filter-bar'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { SearchField } from '~/components/search-field'
import { TeamFilter } from '~/components/teams/team-filter'
import { WithReason } from '~/components/with-reason'
import { whyNotChangePeople } from '~/lib/can'
import { employeeColumns } from './columns'
import { employeesQuery, exportEmployees, sortOf } from './queries'
import type { EmployeesSearch } from './search'

const InviteDialog = lazy(() => import('./invite-dialog'))

const route = getRouteApi('/_app/_people/employees/')

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
  const me = useMe()
  const readOnly = whyNotChangePeople(me)
  const ask = (invite: boolean) =>
    void navigate({ search: (old) => ({ ...old, invite }), replace: !invite })
  return (
    <Page
      title="Employees"
      purpose={
        me.role === 'ADMIN'
          ? 'Everybody with access to your company, and who is invited to it.'
          : 'The people of the teams that you administer.'
      }
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
        <Filters />
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
      {me.role === 'ADMIN' && (
        <Anchor component={Link} to="/removals" size="sm">
          Removed people
        </Anchor>
      )}
      <Suspense>
        {search.invite && !readOnly && <InviteDialog onClose={() => ask(false)} />}
      </Suspense>
    </Page>
  )
}

const STATUS_CHOICES = [
  { value: '', label: 'Any status' },
  { value: 'active', label: 'Active' },
  { value: 'invited', label: 'Invited' },
  { value: 'deactivated', label: 'Deactivated' },
]
const ROLE_CHOICES = [
  { value: '', label: 'Any role' },
  { value: 'ADMIN', label: 'Admins' },
  { value: 'TEAM_ADMIN', label: 'Team admins' },
  { value: 'EMPLOYEE', label: 'Employees' },
]

function Filters() {
  const search = route.useSearch()
  const go = useGo()
  return (
    <FilterBar
      search={
        <SearchField label="Search employees" initial={search.q} onSearch={(q) => go({ q })} />
      }
      filters={
        <>
          <Choice
            name="Status"
            value={search.status}
            data={STATUS_CHOICES}
            onChoose={(status) => go({ status })}
          />
          <Choice
            name="Role"
            value={search.role}
            data={ROLE_CHOICES}
            onChoose={(role) => go({ role })}
          />
          <TeamFilter none value={search.team} onChange={(team) => go({ team })} />
        </>
      }
      actions={
        <ExportFiles
          label="Everybody of this filter"
          save={(format) => exportEmployees(search, format)}
        />
      }
    />
  )
}

type ChoiceProps = {
  name: string
  value: string | undefined
  data: { value: string; label: string }[]
  onChoose: (value: string | undefined) => void
}

function Choice({ name, value, data, onChoose }: ChoiceProps) {
  return (
    <NativeSelect
      aria-label={name}
      value={value ?? ''}
      onChange={(event) => onChoose(event.currentTarget.value || undefined)}
      data={data}
    />
  )
}

function Rows({ page, busy }: { page: Employees; busy: boolean }) {
  const zone = useZone()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const go = useGo()
  return (
    <>
      <DataTable
        caption="Employees"
        columns={employeeColumns(zone)}
        rows={page.items}
        rowKey={(person) => person.id}
        sort={sortOf(search)}
        onSort={(sort) => go({ sort })}
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
  const { q, status, role, team } = route.useSearch()
  if (q || status || role || team) return <NoMatch title="Nobody matches" />
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
