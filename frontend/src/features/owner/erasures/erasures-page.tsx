// Companies that were cancelled a month ago and are gone, with what is certified of it.
import { Card, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Eraser } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useZone } from '~/api/me'
import { Empty } from '~/components/empty'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { PagedTable } from '~/components/paged-table'
import { zoneLabel } from '~/lib/time'
import { erasureColumns } from './columns'
import { erasuresQuery } from './queries'

const CertificateDialog = lazy(() => import('./certificate-dialog'))

const route = getRouteApi('/_app/owner/erasures')

export function ErasuresPage() {
  const { cursor, company } = route.useSearch()
  const navigate = route.useNavigate()
  const zone = useZone()
  const erasures = useQuery(erasuresQuery(cursor))
  const close = () =>
    void navigate({ search: (old) => ({ ...old, company: undefined }), replace: true })
  return (
    <Page
      title="Erasures"
      purpose={`Thirty days after a cancellation every row and object of a company is erased. What you keep is its name, what it paid, and the audit log. Times in ${zoneLabel(zone)}.`}
    >
      <Card p={0} component="section" aria-label="Erased companies">
        <Loaded query={erasures} skeleton={<Skeleton h={240} m="md" w="auto" />}>
          {(page) =>
            page.items.length === 0 ? (
              <Empty icon={Eraser} title="No company was erased">
                A company that was cancelled can be brought back for thirty days.
              </Empty>
            ) : (
              <PagedTable
                caption="Erased companies"
                columns={erasureColumns(zone)}
                page={page}
                rowKey={(one) => one.company_id}
                busy={erasures.isPlaceholderData}
                cursor={cursor}
                onGo={(cursor, state) =>
                  void navigate({ search: (old) => ({ ...old, cursor }), state })
                }
              />
            )
          }
        </Loaded>
      </Card>
      <Suspense>{company && <CertificateDialog company={company} onClose={close} />}</Suspense>
    </Page>
  )
}
