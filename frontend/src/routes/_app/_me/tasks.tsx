import { createFileRoute } from '@tanstack/react-router'
import { tasksSearch } from '~/features/tasks/search'
import { TasksPage } from '~/features/tasks/tasks-page'

export const Route = createFileRoute('/_app/_me/tasks')({
  validateSearch: tasksSearch,
  component: TasksPage,
})
