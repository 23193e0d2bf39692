// A company that is not there: erased, which has a certificate, or never known.
import { useQuery } from '@tanstack/react-query'
import { Eraser } from 'lucide-react'
import { useZone } from '~/api/me'
import { BackLink } from '~/components/back-link'
import { Empty } from '~/components/empty'
import { ButtonLink } from '~/components/links'
import { Page } from '~/components/page'
import { RouteNotFound } from '~/components/route-states'
import { formatDate } from '~/lib/time'
import { erasureQuery } from '../erasures/queries'

export function GonePage({ companyId }: { companyId: string }) {
  const zone = useZone()
  const { data: erasure, isPending } = useQuery(erasureQuery(companyId))
  if (isPending) return null
  if (!erasure) return <RouteNotFound />
  const { name, cancelled_at, erased_at } = erasure
  return (
    <Page title={name} back={<BackLink to="/owner/dashboard">Companies</BackLink>}>
      <Empty
        icon={Eraser}
        title={erased_at ? `Erased on ${formatDate(erased_at, zone)}` : 'Being erased'}
        action={
          <ButtonLink to="/owner/erasures" search={{ company: companyId }}>
            Certificate
          </ButtonLink>
        }
      >
        Cancelled on {formatDate(cancelled_at, zone)}. What it paid stays in your reports.
      </Empty>
    </Page>
  )
}
