// A task that something was recorded for, as a way to its details.

import type { AnchorProps } from '@mantine/core'
import { useMe } from '~/api/me'
import { AnchorLink } from '~/components/links'

type TaskLinkProps = AnchorProps & {
  /** Without a title one may not see it: an employee's task that went to somebody else. */
  task: { id: string; title?: string | null }
}

export function TaskLink({ task: { id, title }, ...props }: TaskLinkProps) {
  const { role } = useMe()
  if (!title) return <>{SOMEBODY_ELSES}</>
  // To an admin of teams a task is its title: the rest is for whom it was given, and for the company's admins.
  if (role === 'TEAM_ADMIN') return <>{title}</>
  return (
    <AnchorLink to="/tasks" search={{ task: id }} inherit title={title} {...props}>
      {title}
    </AnchorLink>
  )
}

export const SOMEBODY_ELSES = 'A task that is not yours any more'
