// What narrows the tasks down; all of it is in the address.
import { NativeSelect } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { ExportFiles } from '~/components/export-files'
import { FilterBar } from '~/components/filter-bar'
import { SearchField } from '~/components/search-field'
import { DUE_WORDS, PRIORITIES, priorityWord, STATUSES, statusWord } from '~/components/tasks/words'
import { PersonSelect } from '~/components/teams/person-select'
import { TeamFilter } from '~/components/teams/team-filter'
import { exportTasks, filterOf } from './queries'
import type { TasksSearch } from './search'

const route = getRouteApi('/_app/_me/tasks')

type Choices = { value: string; label: string }[]

export function Filters({ isAdmin }: { isAdmin: boolean }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  /** A changed filter starts at the first page. */
  const go = (change: Partial<TasksSearch>) =>
    void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }), replace: true })
  const choice = (name: 'status' | 'priority' | 'due' | 'team', label: string, data: Choices) => (
    <NativeSelect
      aria-label={label}
      value={search[name] ?? ''}
      data={data}
      onChange={(event) => go({ [name]: event.currentTarget.value || undefined })}
    />
  )
  return (
    <FilterBar
      search={<SearchField label="Search tasks" initial={search.q} onSearch={(q) => go({ q })} />}
      filters={
        <>
          {search.view === 'list' &&
            choice('status', 'Status', [
              { value: '', label: 'Any status' },
              ...STATUSES.map((value) => ({ value, label: statusWord(value) })),
            ])}
          {choice('priority', 'Priority', [
            { value: '', label: 'Any priority' },
            ...PRIORITIES.map((value) => ({ value, label: priorityWord(value) })),
          ])}
          {choice('due', 'Due', [
            { value: '', label: 'Due any day' },
            ...Object.entries(DUE_WORDS).map(([value, label]) => ({ value, label })),
          ])}
          {isAdmin && (
            <>
              <TeamFilter none value={search.team} onChange={(team) => go({ team })} />
              <PersonSelect
                aria-label="Assignee"
                placeholder="Anybody"
                w={180}
                value={search.assignee ?? null}
                nobody="Nobody"
                onChange={(assignee) => go({ assignee: assignee ?? undefined })}
              />
            </>
          )}
        </>
      }
      actions={
        isAdmin && (
          <ExportFiles
            label="All tasks of this filter"
            save={(format) => exportTasks(filterOf(search), format)}
          />
        )
      }
    />
  )
}
