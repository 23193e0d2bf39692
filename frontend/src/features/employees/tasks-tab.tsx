// What somebody is to do: open tasks first, how long they took beside what they were thought to take.
import { Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ListTodo } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useZone } from '~/api/me'
import { DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { Pager } from '~/components/pager'
import { taskColumns } from '~/components/tasks/columns'
import { sortOf, tasksQuery } from '~/components/tasks/queries'
import type { SearchOf } from '~/lib/search'
import type { employeeSearch } from './search'

const TaskDialog = lazy(() => import('~/components/tasks/task-dialog'))

type TabSearch = Pick<SearchOf<typeof employeeSearch>, 'sort' | 'cursor' | 'task'>
type TasksTabProps = {
  id: string
  search: TabSearch
  onSearch: (change: TabSearch, how?: { replace?: boolean; state?: { pagedFrom: boolean } }) => void
}

export default function TasksTab({ id, search, onSearch }: TasksTabProps) {
  const zone = useZone()
  const sort = sortOf(search.sort ?? 'status')
  const tasks = useQuery(tasksQuery({ assignee_id: id, sort }, search.cursor))
  return (
    <Card p={0} component="section" aria-label="Tasks">
      <Group justify="space-between" p="md" align="flex-start">
        <Stack gap={2}>
          <Title order={2} size="h5">
            Tasks
          </Title>
          <Text size="sm" c="dimmed">
            What is assigned to this person. Time spent is everybody’s who worked on it.
          </Text>
        </Stack>
        <AnchorLink to="/tasks" search={{ assignee: id }} fz="sm">
          Filter in Tasks
        </AnchorLink>
      </Group>
      <Loaded query={tasks} skeleton={<Skeleton h={240} m="md" w="auto" />}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty icon={ListTodo} title="No task yet">
              Nothing is assigned to this person.
            </Empty>
          ) : (
            <>
              <DataTable
                caption="Tasks"
                columns={taskColumns({
                  zone,
                  withPeople: false,
                  spent: 'Time spent',
                  onOpen: (task) => onSearch({ task }),
                })}
                rows={page.items}
                rowKey={({ id }) => id}
                sort={sort}
                onSort={(sort) => onSearch({ sort, cursor: undefined }, { replace: true })}
                busy={tasks.isPlaceholderData}
              />
              <Pager
                shown={page.items.length}
                cursor={search.cursor}
                next={page.next_cursor}
                onGo={(cursor, state) => onSearch({ cursor }, { state })}
              />
            </>
          )
        }
      </Loaded>
      <Suspense>
        {search.task && (
          <TaskDialog
            key={search.task}
            id={search.task}
            onClose={() => onSearch({ task: undefined }, { replace: true })}
          />
        )}
      </Suspense>
    </Card>
  )
}
