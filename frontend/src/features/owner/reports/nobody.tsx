// A service without companies has nothing to report.
import { Card } from '@mantine/core'
import { Building2 } from 'lucide-react'
import { Empty } from '~/components/empty'
import { ButtonLink } from '~/components/links'

export function Nobody({ title, children }: { title: string; children: string }) {
  return (
    <Card>
      <Empty
        icon={Building2}
        title={title}
        action={
          <ButtonLink variant="default" to="/owner/company/create">
            New company
          </ButtonLink>
        }
      >
        {children}
      </Empty>
    </Card>
  )
}
