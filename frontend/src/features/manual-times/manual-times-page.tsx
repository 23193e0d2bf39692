// What no device saw: said by people or for them, and approved. Admins see everybody's and decide, employees their own.
import { Button, Card, Group, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Hand, Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useDayZone, useMe, useZone } from '~/api/me'
import type { ManualTime } from '~/api/types'
import { DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { WithReason } from '~/components/with-reason'
import { administers, decidesAbout, whyReadOnly } from '~/lib/can'
import { plural } from '~/lib/format'
import { zoneLabel } from '~/lib/time'
import { manualTimeColumns } from './columns'
import { Filters } from './filters'
import { filterOf, manualTimesQuery, rulesQuery } from './queries'
import type { ManualTimesSearch } from './search'
import { momentsIn } from './values'

const AddDialog = lazy(() => import('./add-dialog'))
const EntryDialog = lazy(() => import('./entry-dialog'))

const route = getRouteApi('/_app/_me/manual-times')

export function ManualTimesPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const me = useMe()
  const zone = useZone()
  const isAdmin = administers(me)
  const rules = useQuery(rulesQuery).data
  const off =
    me.role !== 'ADMIN' && rules && !rules.allowed
      ? 'Your company lets only admins add time.'
      : undefined
  const readOnly = whyReadOnly(me) ?? off
  const go = (change: Partial<ManualTimesSearch>) =>
    void navigate({
      search: (old) => ({ ...old, ...change }),
      replace: !change.entry && !change.add,
      resetScroll: false,
    })
  const purpose = isAdmin
    ? 'What no device saw, said by people or for them. Once approved it counts beside tracked time, never as active.'
    : `What no device saw. ${rules && !rules.approval ? 'It counts' : 'Once an admin approved it, it counts'} beside your tracked time.`
  return (
    <Page
      title="Manual time"
      purpose={`${purpose} Times in ${zoneLabel(zone)}.`}
      actions={
        <WithReason reason={readOnly}>
          {(blocked) => (
            <Button
              leftSection={<Plus size={16} aria-hidden />}
              onClick={() => go({ add: true })}
              {...blocked}
            >
              Add time
            </Button>
          )}
        </WithReason>
      }
    >
      <Card p={0} component="section" aria-label="List of manual time">
        <Filters isAdmin={isAdmin} />
        <List isAdmin={isAdmin} go={go} />
      </Card>
      <Suspense>
        {search.add && !readOnly && rules && (
          <AddDialog
            rules={rules}
            initial={momentsIn(search, zone)}
            onClose={() =>
              go({ add: false, started: undefined, ended: undefined, task: undefined })
            }
          />
        )}
      </Suspense>
    </Page>
  )
}

type ListProps = {
  isAdmin: boolean
  go: (change: Partial<ManualTimesSearch>) => void
}

function List({ isAdmin, go }: ListProps) {
  const me = useMe()
  const readOnly = whyReadOnly(me)
  const { entry: open, add: _, started: __, ended: ___, task: ____, ...search } = route.useSearch()
  const navigate = route.useNavigate()
  const zone = useZone()
  const dayZone = useDayZone()
  const [chosen, choose] = useState<string[]>([])
  const [several, decideSeveral] = useState(false)
  const filter = filterOf({ ...search, add: false })
  const entries = useQuery(manualTimesQuery(filter, search.cursor))
  const items = entries.data?.items ?? []
  const opened = items.find(({ id }) => id === open)
  // What is not shown any more, or was decided meanwhile, is not decided unseen.
  const pending = items.filter(
    ({ state, user_id }) => state === 'pending' && !readOnly && decidesAbout(me, user_id),
  )
  const those = pending.filter(({ id }) => chosen.includes(id))
  return (
    <>
      {pending.length > 0 && (
        <Chosen
          those={those}
          pending={pending}
          onChoose={choose}
          onDecide={() => decideSeveral(true)}
        />
      )}
      <Loaded query={entries} skeleton={<Skeleton h={320} m="md" w="auto" />}>
        {(page) => {
          if (page.items.length > 0)
            return (
              <>
                <DataTable
                  caption="Manual time"
                  columns={manualTimeColumns({
                    zone,
                    dayZone,
                    withPeople: isAdmin,
                    choice: pending.length > 0 ? { pending, chosen, choose } : undefined,
                    onOpen: (entry) => go({ entry }),
                  })}
                  rows={page.items}
                  rowKey={({ id }) => id}
                  busy={entries.isPlaceholderData}
                />
                <Pager
                  shown={page.items.length}
                  cursor={search.cursor}
                  next={page.next_cursor}
                  onGo={(cursor, state) =>
                    void navigate({ search: (old) => ({ ...old, cursor }), state })
                  }
                />
              </>
            )
          if (Object.values(search).some(Boolean)) return <NoMatch title="No manual time matches" />
          return (
            <Empty icon={Hand} title="No manual time in the last 30 days">
              A meeting, a call or a journey is added with its reason, and counts once it is
              approved.
            </Empty>
          )
        }}
      </Loaded>
      <Suspense>
        {opened && <EntryDialog entries={[opened]} onClose={() => go({ entry: undefined })} />}
        {several && those.length > 0 && (
          <EntryDialog
            entries={those}
            onClose={() => decideSeveral(false)}
            onDone={() => choose([])}
          />
        )}
      </Suspense>
    </>
  )
}

type ChosenProps = {
  those: ManualTime[]
  pending: ManualTime[]
  onChoose: (ids: string[]) => void
  onDecide: () => void
}

function Chosen({ those, pending, onChoose, onDecide }: ChosenProps) {
  const all = those.length === pending.length
  return (
    <Group px="md" pb="sm" gap="sm">
      <Text size="sm" aria-live="polite">
        {those.length > 0
          ? `${those.length} chosen`
          : `${plural(pending.length, 'entry waits', 'entries wait')} for a decision on this page.`}
      </Text>
      <Button
        size="xs"
        variant="default"
        onClick={() => onChoose(all ? [] : pending.map(({ id }) => id))}
      >
        {all ? 'Choose none' : 'Choose all waiting'}
      </Button>
      {those.length > 0 && (
        <Button size="xs" onClick={onDecide}>
          Decide
        </Button>
      )}
    </Group>
  )
}
