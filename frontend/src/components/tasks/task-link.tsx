// A task that something was recorded for, as a way to its details.
import type { AnchorProps } from '@mantine/core'
import { AnchorLink } from '~/components/links'

type TaskLinkProps = AnchorProps & {
  /** Without a title one may not see it: an employee's task that went to somebody else. */
  task: { id: string; title?: string | null }
}

export function TaskLink({ task: { id, title }, ...props }: TaskLinkProps) {
  if (!title) return <>{SOMEBODY_ELSES}</>
  return (
    <AnchorLink to="/tasks" search={{ task: id }} inherit {...props}>
      {title}
    </AnchorLink>
  )
}

export const SOMEBODY_ELSES = 'A task that is not yours any more'
