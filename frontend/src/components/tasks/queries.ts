// Tasks: list and board, one with its talk, history and time, and what is changed of one.
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { paths } from '~/api/schema'
import type { Input, Task, TaskChanges, TaskComments, TaskPatch, Tasks } from '~/api/types'
import type { Status } from './words'

type Asked = NonNullable<paths['/api/tasks']['get']['parameters']['query']>
/** What narrows a list of tasks down, and its order. */
export type TasksFilter = { [K in keyof Omit<Asked, 'cursor' | 'limit'>]: Asked[K] | undefined }

/** By what lists may be sorted; anything else in an address means by the day they are due. */
const SORTS = [
  'title',
  'status',
  'priority',
  'due_on',
  'estimate_seconds',
  'created_at',
  'updated_at',
]
export const sortOf = (sort = 'due_on') =>
  SORTS.includes(sort.replace(/^-/, '')) ? sort : 'due_on'

export const tasksQuery = (filter: TasksFilter, cursor: string | undefined) => {
  const query = { ...filter, cursor }
  return queryOptions({
    queryKey: ['tasks', 'list', query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/tasks', { params: { query }, signal })),
  })
}

/** Tasks to choose from: those whose words match what was typed, the latest first. */
export const taskChoicesQuery = (q: string | undefined) =>
  queryOptions({
    queryKey: ['tasks', 'choices', q],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const query = { sort: '-created_at', limit: 30, ...(q ? { q } : {}) }
      return ok(api.GET('/api/tasks', { params: { query }, signal }))
    },
  })

/** What somebody may work on, or may have: tasks of one person that are not closed. */
export const openTasksQuery = (assignee_id: string) => {
  const query = { assignee_id, status: ['open' as const, 'in_progress' as const], limit: 200 }
  return queryOptions({
    queryKey: ['tasks', 'open', assignee_id],
    queryFn: ({ signal }) => ok(api.GET('/api/tasks', { params: { query }, signal })),
  })
}

/** One column of the board. */
export const columnQuery = (filter: TasksFilter, status: Status) =>
  infiniteQueryOptions({
    queryKey: ['tasks', 'board', filter, status],
    placeholderData: keepPreviousData,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Tasks) => page.next_cursor ?? undefined,
    queryFn: ({ signal, pageParam }): Promise<Tasks> => {
      const query = { ...filter, status: [status], limit: 30, cursor: pageParam }
      return ok(api.GET('/api/tasks', { params: { query }, signal }))
    },
  })

const at = (task_id: string) => ({ params: { path: { task_id } } })

export const taskQuery = (id: string) =>
  queryOptions({
    queryKey: ['tasks', 'one', id],
    staleTime: 0,
    queryFn: ({ signal }) => ok(api.GET('/api/tasks/{task_id}', { ...at(id), signal })),
  })

export const timeQuery = (id: string) =>
  queryOptions({
    queryKey: ['tasks', 'time', id],
    queryFn: ({ signal }) => ok(api.GET('/api/tasks/{task_id}/time', { ...at(id), signal })),
  })

const page = (id: string, cursor: string | undefined) => ({
  params: { path: { task_id: id }, query: { limit: 20, ...(cursor ? { cursor } : {}) } },
})

export const commentsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['tasks', 'comments', id],
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: TaskComments) => page.next_cursor ?? undefined,
    queryFn: ({ signal, pageParam }): Promise<TaskComments> =>
      ok(api.GET('/api/tasks/{task_id}/comments', { ...page(id, pageParam), signal })),
  })

export const changesQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['tasks', 'changes', id],
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: TaskChanges) => page.next_cursor ?? undefined,
    queryFn: ({ signal, pageParam }): Promise<TaskChanges> =>
      ok(api.GET('/api/tasks/{task_id}/changes', { ...page(id, pageParam), signal })),
  })

/** Waited for: what is changed next is changed under the version that the list tells. */
function useVersions() {
  const cache = useQueryClient()
  return () => cache.invalidateQueries({ queryKey: ['tasks'] })
}

export type NewTask = Input<'/api/tasks'>

const seen = ({ id, version }: Pick<Task, 'id' | 'version'>) => ({
  params: { path: { task_id: id }, header: { 'If-Match': `"${version}"` } },
})

export function useCreateTask() {
  const refresh = useVersions()
  return useMutation({
    mutationFn: (body: NewTask) => ok(api.POST('/api/tasks', { body })),
    onSuccess: refresh,
  })
}

/** Refused with `precondition_failed` when the task is not what was seen any more. */
export function useChangeTask() {
  const refresh = useVersions()
  return useMutation({
    mutationFn: ({ task, body }: { task: Task; body: TaskPatch }) =>
      ok(api.PATCH('/api/tasks/{task_id}', { ...seen(task), body })),
    onSuccess: refresh,
  })
}

export function useMoveTask() {
  const refresh = useVersions()
  return useMutation({
    mutationFn: ({ task, status }: { task: Task; status: Status }) =>
      ok(api.PATCH('/api/tasks/{task_id}/status', { ...seen(task), body: { status } })),
    // Whatever became of it: what is shown is asked for again.
    onSettled: refresh,
  })
}

export function useAddComment(id: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (text: string) =>
      ok(api.POST('/api/tasks/{task_id}/comments', { ...at(id), body: { text } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['tasks', 'comments', id] }),
  })
}

/** Agents hear of it, and tell of theirs, within a minute. */
const LOOK_AGAIN_MS = 15_000

export const timerQuery = queryOptions({
  queryKey: ['tasks', 'timer'],
  refetchInterval: LOOK_AGAIN_MS,
  queryFn: ({ signal }) => ok(api.GET('/api/me/timer', { signal })),
})

export function useStartTimer() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (task_id: string) => ok(api.POST('/api/me/timer/start', { body: { task_id } })),
    onSuccess: (timer) => cache.setQueryData(timerQuery.queryKey, timer),
    // A task that went away since is no longer offered.
    onError: () => cache.invalidateQueries({ queryKey: ['tasks'] }),
  })
}

export function useStopTimer() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: () => ok(api.POST('/api/me/timer/stop')),
    onSettled: () => cache.invalidateQueries({ queryKey: timerQuery.queryKey }),
  })
}
