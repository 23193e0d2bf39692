// The vendor's plans: what each allows and costs, and how many companies have it.
import { Button, Card, Group, NativeSelect, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Layers, Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import type { Plan } from '~/api/types'
import { DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { planColumns } from './columns'
import { plansQuery } from './queries'
import { type PlansSearch, STATUSES } from './search'

// Most visits only look: the forms come when they are asked for.
const PlanDialog = lazy(() => import('./plan-dialog'))
const ArchiveDialog = lazy(() => import('./archive-dialog'))

const route = getRouteApi('/_app/owner/plans')

export function PlansPage() {
  const { status, create, edit } = route.useSearch()
  const navigate = route.useNavigate()
  const plans = useQuery(plansQuery(status))
  const [archiving, setArchiving] = useState<Plan>()
  const go = (change: Partial<PlansSearch>, replace = false) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace })
  const close = () => go({ create: false, edit: undefined }, true)
  return (
    <Page
      title="Plans"
      purpose="What companies may use, and for what price. A change of price never touches what a company has agreed to."
      actions={
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => go({ create: true })}>
          New plan
        </Button>
      }
    >
      <Card p={0} component="section" aria-label="List of plans">
        <Group p="md" component="search">
          <NativeSelect
            aria-label="Status"
            value={status ?? ''}
            onChange={({ currentTarget: { value } }) =>
              go({ status: STATUSES.find((known) => known === value) }, true)
            }
            data={[
              { value: '', label: 'All plans' },
              { value: 'active', label: 'Active' },
              { value: 'archived', label: 'Archived' },
            ]}
          />
        </Group>
        <Loaded query={plans} skeleton={<Skeleton h={240} m="md" w="auto" />}>
          {({ items }) =>
            items.length === 0 ? (
              <NoPlans filtered={status !== undefined} onCreate={() => go({ create: true })} />
            ) : (
              <DataTable
                caption="Plans, the smallest first"
                columns={planColumns({
                  onEdit: ({ id }) => go({ edit: id }),
                  onArchive: setArchiving,
                })}
                rows={items}
                rowKey={(plan) => plan.id}
              />
            )
          }
        </Loaded>
      </Card>
      <Suspense>
        {(create || edit) && <PlanDialog key={edit ?? 'new'} id={edit} onClose={close} />}
        {archiving && <ArchiveDialog plan={archiving} onClose={() => setArchiving(undefined)} />}
      </Suspense>
    </Page>
  )
}

function NoPlans({ filtered, onCreate }: { filtered: boolean; onCreate: () => void }) {
  if (filtered) return <NoMatch title="No plan matches" />
  return (
    <Empty
      icon={Layers}
      title="No plans yet"
      action={<Button onClick={onCreate}>Make the first plan</Button>}
    >
      A company needs a plan: its seats, its storage and its price.
    </Empty>
  )
}
