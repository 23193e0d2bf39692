// A list whose filter lets nothing through.
import { SearchX } from 'lucide-react'
import { Empty } from './empty'
import { ButtonLink } from './links'

/** `title` names what is listed: `No company matches`. */
export function NoMatch({ title }: { title: string }) {
  return (
    <Empty
      icon={SearchX}
      title={title}
      action={
        <ButtonLink variant="default" to="." search={{}}>
          Clear filters
        </ButtonLink>
      }
    />
  )
}
