// What is to be done: as a list, or as a board by status. Admins see everybody's, employees their own.
import { Button, Card, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ListTodo, Plus } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useDayZone, useMe, useZone } from '~/api/me'
import { DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { taskColumns } from '~/components/tasks/columns'
import { sortOf, tasksQuery } from '~/components/tasks/queries'
import { TimerCard } from '~/components/tasks/timer-card'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { zoneLabel } from '~/lib/time'
import { Filters } from './filters'
import { filterOf } from './queries'
import type { TasksSearch } from './search'

const Board = lazy(() => import('./board'))
const TaskDialog = lazy(() => import('~/components/tasks/task-dialog'))
const TaskForm = lazy(() => import('~/components/tasks/task-form'))

const VIEWS = [
  { view: 'list', label: 'List' },
  { view: 'board', label: 'Board' },
] as const

const route = getRouteApi('/_app/_me/tasks')

export function TasksPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const me = useMe()
  const zone = useDayZone()
  const readOnly = whyReadOnly(me)
  const isAdmin = me.role === 'ADMIN'
  const go = (change: Partial<TasksSearch>) =>
    void navigate({
      search: (old) => ({ ...old, ...change }),
      replace: !change.task && !change.create,
      resetScroll: false,
    })
  const purpose = isAdmin
    ? 'What is to be done, by whom and until when. Time spent comes from work sessions alone.'
    : 'What is assigned to you. Say how far it is, and which of them you work on.'
  return (
    <Page
      title="Tasks"
      purpose={`${purpose} Days are those of ${zoneLabel(zone)}.`}
      actions={
        <>
          <Button.Group aria-label="View">
            {VIEWS.map(({ view, label }) => (
              <Button
                key={view}
                variant={search.view === view ? 'light' : 'default'}
                aria-pressed={search.view === view}
                onClick={() => go({ view, cursor: undefined })}
              >
                {label}
              </Button>
            ))}
          </Button.Group>
          {isAdmin && (
            <WithReason reason={readOnly}>
              {(blocked) => (
                <Button
                  leftSection={<Plus size={16} aria-hidden />}
                  onClick={() => go({ create: true })}
                  {...blocked}
                >
                  New task
                </Button>
              )}
            </WithReason>
          )}
        </>
      }
    >
      {!isAdmin && <TimerCard />}
      <Card p={0} component="section" aria-label="Tasks">
        <Filters isAdmin={isAdmin} />
        {search.view === 'board' ? (
          <Suspense fallback={<Skeleton h={360} m="md" w="auto" />}>
            <Board
              filter={filterOf({ ...search, status: undefined })}
              withPeople={isAdmin}
              onOpen={(task) => go({ task })}
            />
          </Suspense>
        ) : (
          <List isAdmin={isAdmin} onOpen={(task) => go({ task })} />
        )}
      </Card>
      <Suspense>
        {search.task && (
          <TaskDialog key={search.task} id={search.task} onClose={() => go({ task: undefined })} />
        )}
        {search.create && isAdmin && !readOnly && (
          <TaskForm
            onClose={() => go({ create: false })}
            onDone={(task) => go({ create: false, task: task.id })}
          />
        )}
      </Suspense>
    </Page>
  )
}

type ListProps = { isAdmin: boolean; onOpen: (id: string) => void }

function List({ isAdmin, onOpen }: ListProps) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const zone = useZone()
  const tasks = useQuery(tasksQuery(filterOf(search), search.cursor))
  const { view: _, sort: __, task: ___, create: ____, ...filter } = search
  const filtered = Object.values(filter).some(Boolean)
  return (
    <Loaded query={tasks} skeleton={<Skeleton h={360} m="md" w="auto" />}>
      {(page) => {
        if (page.items.length > 0)
          return (
            <>
              <DataTable
                caption="Tasks"
                columns={taskColumns({
                  zone,
                  onOpen,
                  withPeople: isAdmin,
                  spent: isAdmin ? 'Time spent' : 'My time',
                })}
                rows={page.items}
                rowKey={({ id }) => id}
                sort={sortOf(search.sort)}
                onSort={(sort) =>
                  void navigate({
                    search: (old) => ({ ...old, sort, cursor: undefined }),
                    replace: true,
                  })
                }
                busy={tasks.isPlaceholderData}
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
        if (filtered) return <NoMatch title="No task matches" />
        return (
          <Empty icon={ListTodo} title={isAdmin ? 'No task yet' : 'Nothing is assigned to you'}>
            {isAdmin
              ? 'A task says what is to be done. Whoever it is assigned to finds it here and in their agent.'
              : 'Tasks that an admin assigns to you are listed here, and your agent offers them.'}
          </Empty>
        )
      }}
    </Loaded>
  )
}
