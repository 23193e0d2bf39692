// One person of the company: who they are, a day of theirs, their tasks and devices, what is in force for them, and who looked.
import { Group, Skeleton, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { asAppError } from '~/api/errors'
import { useMe, useZone } from '~/api/me'
import type { Employee } from '~/api/types'
import { BackLink } from '~/components/back-link'
import { Page } from '~/components/page'
import { EmployeePill } from '~/components/pill'
import { RouteNotFound } from '~/components/route-states'
import { DayView } from '~/components/timeline/day-view'
import { roleName } from '~/lib/can'
import { plural } from '~/lib/format'
import { ago } from '~/lib/time'
import { EmployeeMenu } from './employee-menu'
import { employeeQuery } from './queries'

// Most visits are for the day.
const TasksTab = lazy(() => import('./tasks-tab'))
const DevicesTab = lazy(() => import('./devices-tab'))
const SettingsTab = lazy(() => import('./settings-tab'))
const AccessLog = lazy(() => import('~/components/access/access-log'))

const route = getRouteApi('/_app/_people/employees/$employeeId')

const TABS = ['tasks', 'devices', 'settings', 'access']

export function EmployeePage() {
  const { employeeId } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const person = useQuery(employeeQuery(employeeId))
  const me = useMe()
  if (person.error && [404, 422].includes(asAppError(person.error).status)) return <RouteNotFound />
  return (
    <Page
      key={employeeId}
      title={person.data ? person.data.name || person.data.email : 'Employee'}
      back={<BackLink to="/employees">Employees</BackLink>}
      purpose={person.data && <Facts person={person.data} />}
      actions={person.data && <EmployeeMenu person={person.data} />}
    >
      <Tabs
        value={TABS.find((tab) => tab === search.tab) ?? 'day'}
        keepMounted={false}
        onChange={(tab) =>
          void navigate({
            search: ({ day }) => ({ day, tab: tab === 'day' ? undefined : (tab ?? undefined) }),
          })
        }
      >
        <Tabs.List aria-label="About this person" mb="lg">
          <Tabs.Tab value="day">Day</Tabs.Tab>
          {me.role === 'ADMIN' && <Tabs.Tab value="tasks">Tasks</Tabs.Tab>}
          <Tabs.Tab value="devices">Devices</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
          <Tabs.Tab value="access">Access log</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="day">
          <DayView
            userId={employeeId}
            search={search}
            onSearch={(change, how) =>
              void navigate({
                search: (old) => ({ ...old, ...change }),
                replace: how?.replace ?? false,
                resetScroll: false,
              })
            }
            nothing="Either no work was tracked, or the agent has not sent it yet."
          />
        </Tabs.Panel>
        <Suspense fallback={<Skeleton h={240} />}>
          <Tabs.Panel value="tasks">
            <TasksTab
              id={employeeId}
              search={search}
              onSearch={(change, how) =>
                void navigate({
                  search: (old) => ({ ...old, ...change }),
                  resetScroll: false,
                  ...how,
                })
              }
            />
          </Tabs.Panel>
          <Tabs.Panel value="devices">
            <DevicesTab id={employeeId} />
          </Tabs.Panel>
          <Tabs.Panel value="settings">
            <SettingsTab
              id={employeeId}
              name={person.data?.name || person.data?.email || 'this person'}
            />
          </Tabs.Panel>
          <Tabs.Panel value="access">
            <AccessLog
              id={employeeId}
              cursor={search.cursor}
              onGo={(cursor, state) =>
                void navigate({ search: (old) => ({ ...old, cursor }), state })
              }
            />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </Page>
  )
}

function Facts({ person }: { person: Employee }) {
  const zone = useZone()
  return (
    <Group gap="xs" mt={6}>
      <EmployeePill status={person.status} />
      <Text size="sm" c="dimmed" title={zone}>
        {roleName(person.role)} · {person.team ? `${person.team} · ` : ''}
        {person.email} · {plural(person.devices, 'device')} ·{' '}
        {person.last_seen_at ? `last seen ${ago(person.last_seen_at)}` : 'never seen'}
      </Text>
    </Group>
  )
}
