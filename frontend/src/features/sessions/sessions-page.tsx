// Work sessions: when devices recorded, why each stretch ended, and what of them counts. Admins see everybody's, and correct
// them; employees the own ones.
import { Card, NativeSelect, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { History } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useDayZone, useMe, useToday, useZone } from '~/api/me'
import { DataTable } from '~/components/data-table'
import { DayRange } from '~/components/day-range'
import { Empty } from '~/components/empty'
import { ExportFiles } from '~/components/export-files'
import { FilterBar } from '~/components/filter-bar'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { SearchField } from '~/components/search-field'
import { TaskSelect } from '~/components/tasks/task-select'
import { TeamFilter } from '~/components/teams/team-filter'
import { ENDINGS, endWords } from '~/components/timeline/ends'
import { administers } from '~/lib/can'
import { zoneLabel } from '~/lib/time'
import { sessionColumns } from './columns'
import { exportSessions, sessionsQuery } from './queries'
import type { SessionsSearch } from './search'

const SessionDialog = lazy(() => import('./session-dialog'))

const route = getRouteApi('/_app/_me/sessions')

export function SessionsPage() {
  const { session: open, ...search } = route.useSearch()
  const navigate = route.useNavigate()
  const zone = useZone()
  const dayZone = useDayZone()
  const isAdmin = administers(useMe())
  const sessions = useQuery(sessionsQuery(search))
  const opened = sessions.data?.items.find(({ id }) => id === open)
  const show = (session: string | undefined) =>
    void navigate({ search: (old) => ({ ...old, session }), replace: !session, resetScroll: false })
  const filtered = Object.values({ ...search, cursor: undefined }).some(Boolean)
  return (
    <Page
      title="Sessions"
      purpose={`When ${isAdmin ? '' : 'your '}devices recorded, and why each stretch ended: of the last 30 days, or of those you choose. Times in ${zoneLabel(zone)}.`}
    >
      <Card p={0} component="section" aria-label="List of sessions">
        <Filters isAdmin={isAdmin} />
        <Loaded query={sessions} skeleton={<Skeleton h={320} m="md" w="auto" />}>
          {(page) => {
            if (page.items.length > 0)
              return (
                <>
                  <DataTable
                    caption="Sessions"
                    columns={sessionColumns({ zone, dayZone, withPeople: isAdmin, onOpen: show })}
                    rows={page.items}
                    rowKey={({ id }) => id}
                    busy={sessions.isPlaceholderData}
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
            if (filtered) return <NoMatch title="No session matches" />
            return (
              <Empty icon={History} title="No session yet">
                {isAdmin
                  ? 'A session begins when somebody’s agent starts to record.'
                  : 'A session begins when your agent starts to record.'}
              </Empty>
            )
          }}
        </Loaded>
      </Card>
      <Suspense>
        {opened && <SessionDialog session={opened} onClose={() => show(undefined)} />}
      </Suspense>
    </Page>
  )
}

const END_CHOICES = [
  { value: '', label: 'Any end' },
  { value: 'running', label: 'Still running' },
  ...ENDINGS.map((end) => ({ value: end, label: capital(endWords(end)) })),
]
const COUNTS_CHOICES = [
  { value: '', label: 'Counted or not' },
  { value: 'yes', label: 'Counts' },
  { value: 'no', label: 'Excluded' },
]

function capital(text: string) {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function Filters({ isAdmin }: { isAdmin: boolean }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const today = useToday()
  /** A changed filter starts at the first page. */
  const go = (change: Partial<SessionsSearch>) =>
    void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }), replace: true })
  const choice = (name: keyof SessionsSearch, label: string, data: Choices) => (
    <NativeSelect
      aria-label={label}
      value={search[name] ?? ''}
      data={data}
      onChange={(event) => go({ [name]: event.currentTarget.value || undefined })}
    />
  )
  return (
    <FilterBar
      search={
        isAdmin && (
          <SearchField label="Search people" initial={search.q} onSearch={(q) => go({ q })} />
        )
      }
      filters={
        <>
          {isAdmin && <TeamFilter value={search.team} onChange={(team) => go({ team })} />}
          {choice('end', 'Why it ended', END_CHOICES)}
          {choice('counts', 'Counts', COUNTS_CHOICES)}
          <TaskSelect
            aria-label="Task"
            placeholder="Any task"
            nothing="No task"
            w={200}
            value={search.task ?? null}
            onChange={(task) => go({ task: task ?? undefined })}
          />
          <DayRange from={search.from} to={search.to} latest={today} onChange={go} />
        </>
      }
      actions={
        isAdmin && (
          <ExportFiles
            label="All sessions of this filter"
            save={(format) => exportSessions(search, format)}
          />
        )
      }
    />
  )
}

type Choices = { value: string; label: string }[]
