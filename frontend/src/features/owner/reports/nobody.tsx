// A service without companies has nothing to report.
import { Card } from '@mantine/core'
import { Building2 } from 'lucide-react'
import { Empty } from '~/components/empty'
import { ButtonLink } from '~/components/links'

type NobodyProps = { title: string; children: string; noCompany?: boolean }

export function Nobody({ title, children, noCompany = true }: NobodyProps) {
  return (
    <Card>
      <Empty
        icon={Building2}
        title={title}
        action={
          noCompany && (
            <ButtonLink variant="default" to="/owner/company/create">
              New company
            </ButtonLink>
          )
        }
      >
        {children}
      </Empty>
    </Card>
  )
}
