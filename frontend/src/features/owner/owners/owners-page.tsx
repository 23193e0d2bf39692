// Who runs the service: each with two-factor, none of them alone with the keys.
import { Button, Card, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { UserPlus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useMe, useZone } from '~/api/me'
import type { OwnerAccount } from '~/api/types'
import { DataTable } from '~/components/data-table'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { type Act, ownerColumns } from './columns'
import { ownersQuery } from './queries'

const InviteDialog = lazy(() => import('./invite-dialog'))
const ActDialog = lazy(() => import('./act-dialog'))

const route = getRouteApi('/_app/owner/owners')

export function OwnersPage() {
  const { invite } = route.useSearch()
  const navigate = route.useNavigate()
  const owners = useQuery(ownersQuery)
  const [me, zone] = [useMe(), useZone()]
  const [acting, setActing] = useState<{ act: Act; owner: OwnerAccount }>()
  const ask = (invite: boolean) => void navigate({ search: { invite }, replace: !invite })
  return (
    <Page
      title="Owners"
      purpose="Who runs the service. Each needs two-factor; whoever leaves is deactivated, never deleted."
      actions={
        <Button leftSection={<UserPlus size={16} aria-hidden />} onClick={() => ask(true)}>
          Invite an owner
        </Button>
      }
    >
      <Card p={0} component="section" aria-label="List of owners">
        <Loaded query={owners} skeleton={<Skeleton h={240} m="md" w="auto" />}>
          {({ items }) => (
            <DataTable
              caption="Owners, by name"
              columns={ownerColumns({
                me: me.id,
                zone,
                onAct: (act, owner) => setActing({ act, owner }),
              })}
              rows={items}
              rowKey={(owner) => owner.id}
            />
          )}
        </Loaded>
      </Card>
      <Suspense>
        {invite && <InviteDialog onClose={() => ask(false)} />}
        {acting && <ActDialog {...acting} onClose={() => setActing(undefined)} />}
      </Suspense>
    </Page>
  )
}
