// Alerts, newest first: filtered by the address, acknowledged one by one or several at once.
import { Button, Card, Checkbox, Group, NativeSelect, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { BellRing } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useMe, useZone } from '~/api/me'
import type { Alert } from '~/api/types'
import { type Column, DataTable, TwoLines } from '~/components/data-table'
import { DayRange } from '~/components/day-range'
import { Empty } from '~/components/empty'
import { ExportFiles } from '~/components/export-files'
import { FilterBar } from '~/components/filter-bar'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Pager } from '~/components/pager'
import { Pill } from '~/components/pill'
import { PersonSelect } from '~/components/teams/person-select'
import { TeamFilter } from '~/components/teams/team-filter'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { plural } from '~/lib/format'
import { formatDateTime, formatDay } from '~/lib/time'
import { alertsQuery, exportAlerts, filterOf } from './queries'
import type { AlertsSearch } from './search'
import { KIND_NAMES, kindWord, STATES, whatOf } from './words'

const AcknowledgeDialog = lazy(() => import('./acknowledge-dialog'))

const route = getRouteApi('/_app/_me/alerts')

export function AlertsList({ isAdmin }: { isAdmin: boolean }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const alerts = useQuery(alertsQuery(filterOf(search), search.cursor))
  const zone = useZone()
  const readOnly = whyReadOnly(useMe())
  const [picked, pick] = useState<string[]>([])
  const [asks, ask] = useState<string[]>()
  const { kind, person, team, from, to, state } = search
  const filtered = [kind, person, team, from, to].some(Boolean) || state !== 'open'
  const shown = alerts.data?.items ?? []
  // What has left the list is not acknowledged unseen.
  const chosen = shown.filter(({ id, state }) => picked.includes(id) && state !== 'acknowledged')
  const toggle = (id: string) =>
    pick((old) => (old.includes(id) ? old.filter((one) => one !== id) : [...old, id]))
  return (
    <Card p={0} component="section" aria-label="List of alerts">
      <Filters isAdmin={isAdmin} />
      <Loaded query={alerts} skeleton={<Skeleton h={320} m="md" w="auto" />}>
        {(page) => {
          if (page.items.length > 0)
            return (
              <>
                {isAdmin && (
                  <Group px="md" pb="sm" gap="sm">
                    <Button
                      variant="default"
                      size="xs"
                      onClick={() =>
                        pick(
                          page.items
                            .filter((one) => one.state !== 'acknowledged')
                            .map(({ id }) => id),
                        )
                      }
                    >
                      Select all on this page
                    </Button>
                    <WithReason reason={readOnly}>
                      {(blocked) => (
                        <Button
                          size="xs"
                          disabled={chosen.length === 0 && !readOnly}
                          onClick={() => ask(chosen.map(({ id }) => id))}
                          {...blocked}
                        >
                          Acknowledge {chosen.length > 0 ? plural(chosen.length, 'alert') : ''}
                        </Button>
                      )}
                    </WithReason>
                  </Group>
                )}
                <DataTable
                  caption="Alerts"
                  columns={columnsOf({ isAdmin, zone, picked, toggle })}
                  rows={page.items}
                  rowKey={({ id }) => id}
                  busy={alerts.isPlaceholderData}
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
          if (filtered) return <NoMatch title="No alert matches" />
          return (
            <Empty
              icon={BellRing}
              title={isAdmin ? 'No open alerts' : 'Nothing was found about you'}
              action={
                isAdmin && (
                  <Button
                    variant="default"
                    onClick={() => void navigate({ search: { tab: 'rules' } })}
                  >
                    See the rules
                  </Button>
                )
              }
            >
              {isAdmin
                ? 'Rules are looked at every three minutes. Nothing is watched that no rule asks for.'
                : 'Alerts about you are listed here from the moment an admin can read them.'}
            </Empty>
          )
        }}
      </Loaded>
      <Suspense>
        {asks && (
          <AcknowledgeDialog
            ids={asks}
            onClose={(done) => {
              ask(undefined)
              if (done) pick([])
            }}
          />
        )}
      </Suspense>
    </Card>
  )
}

type ColumnsOf = {
  isAdmin: boolean
  zone: string
  picked: string[]
  toggle: (id: string) => void
}

function columnsOf({ isAdmin, zone, picked, toggle }: ColumnsOf): Column<Alert>[] {
  const who = ({ user_name }: Alert) => user_name ?? 'The company'
  const columns: (Column<Alert> | false)[] = [
    isAdmin && {
      key: 'pick',
      header: 'Select',
      bare: true,
      width: 44,
      cell: (alert) =>
        alert.state !== 'acknowledged' && (
          <Checkbox
            aria-label={`Select: ${kindWord(alert.kind)}, ${who(alert)}, ${formatDay(alert.day)}`}
            checked={picked.includes(alert.id)}
            onChange={() => toggle(alert.id)}
          />
        ),
    },
    {
      key: 'what',
      header: 'Alert',
      names: true,
      cell: (alert) => (
        <TwoLines
          first={
            <Text span size="sm" fw={600}>
              {kindWord(alert.kind)}
            </Text>
          }
          second={alert.device_name}
        />
      ),
    },
    isAdmin && {
      key: 'who',
      header: 'About',
      cell: (alert) =>
        alert.user_id ? (
          <AnchorLink
            to="/employees/$employeeId"
            params={{ employeeId: alert.user_id }}
            search={{ day: alert.day }}
            size="sm"
          >
            {who(alert)}
          </AnchorLink>
        ) : (
          who(alert)
        ),
    },
    { key: 'day', header: 'Day', cell: ({ day }) => formatDay(day) },
    {
      key: 'found',
      header: 'Found',
      cell: (alert) => (
        <>
          <Text size="sm">{whatOf(alert)}</Text>
          {alert.note && (
            <Text size="xs" c="dimmed">
              Note: {alert.note}
            </Text>
          )}
        </>
      ),
    },
    { key: 'opened', header: 'Told', cell: ({ opened_at }) => formatDateTime(opened_at, zone) },
    {
      key: 'state',
      header: 'State',
      cell: (alert) => (
        <TwoLines
          first={
            <Pill tone={STATES[alert.state]?.[0] ?? 'off'}>
              {STATES[alert.state]?.[1] ?? alert.state}
            </Pill>
          }
          second={
            alert.acknowledged_at
              ? `${alert.acknowledged_by_name ?? 'An admin'}, ${formatDateTime(alert.acknowledged_at, zone)}`
              : alert.resolved_at && `Since ${formatDateTime(alert.resolved_at, zone)}`
          }
        />
      ),
    },
  ]
  return columns.filter((column) => column !== false)
}

function Filters({ isAdmin }: { isAdmin: boolean }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  /** A changed filter starts at the first page. */
  const go = (change: Partial<AlertsSearch>) =>
    void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }), replace: true })
  return (
    <FilterBar
      search={
        <NativeSelect
          aria-label="State"
          value={search.state}
          data={[
            { value: 'open', label: 'Open' },
            { value: 'resolved', label: 'Resolved' },
            { value: 'acknowledged', label: 'Acknowledged' },
            { value: 'all', label: 'Any state' },
          ]}
          onChange={({ currentTarget }) =>
            go({ state: currentTarget.value as AlertsSearch['state'] })
          }
        />
      }
      filters={
        <>
          <NativeSelect
            aria-label="Kind"
            value={search.kind ?? ''}
            data={[
              { value: '', label: 'Any kind' },
              ...KIND_NAMES.map((value) => ({ value, label: kindWord(value) })),
            ]}
            onChange={({ currentTarget }) =>
              go({ kind: KIND_NAMES.find((kind) => kind === currentTarget.value) })
            }
          />
          {isAdmin && (
            <>
              <TeamFilter value={search.team} onChange={(team) => go({ team })} />
              <PersonSelect
                aria-label="Person"
                placeholder="Anybody"
                w={180}
                value={search.person ?? null}
                onChange={(person) => go({ person: person ?? undefined })}
              />
            </>
          )}
          <DayRange from={search.from} to={search.to} onChange={go} />
        </>
      }
      actions={
        isAdmin && (
          <ExportFiles
            label="All alerts of this filter"
            save={(format) => exportAlerts(filterOf(search), format)}
          />
        )
      }
    />
  )
}
