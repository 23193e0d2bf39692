// What the company's rules found. Admins see all of it and make the rules; everybody sees what is about them, and what
// watches them.
import { Button } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { useDayZone, useMe } from '~/api/me'
import { Page } from '~/components/page'
import { zoneLabel } from '~/lib/time'
import { AlertsList } from './alerts-list'
import { Watched } from './watched'

const Rules = lazy(() => import('./rules'))

const TABS = [
  { tab: 'alerts', label: 'Alerts' },
  { tab: 'rules', label: 'Rules' },
] as const

const route = getRouteApi('/_app/_me/alerts')

export function AlertsPage() {
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const zone = useDayZone()
  const isAdmin = useMe().role === 'ADMIN'
  if (!isAdmin)
    return (
      <Page
        title="Alerts"
        purpose={`What your company's rules watch about you, and what they found. Your admins read the same. Days are those of ${zoneLabel(zone)}.`}
      >
        <Watched />
        <AlertsList isAdmin={false} />
      </Page>
    )
  return (
    <Page
      title="Alerts"
      purpose="What the company wants to be told of, and what was found. Whom an alert is about reads it as well, and which rules watch them."
      actions={
        <Button.Group aria-label="View">
          {TABS.map((one) => (
            <Button
              key={one.tab}
              variant={tab === one.tab ? 'light' : 'default'}
              aria-pressed={tab === one.tab}
              onClick={() => void navigate({ search: { tab: one.tab } })}
            >
              {one.label}
            </Button>
          ))}
        </Button.Group>
      }
    >
      {tab === 'alerts' ? (
        <AlertsList isAdmin />
      ) : (
        <Suspense>
          <Rules />
        </Suspense>
      )}
    </Page>
  )
}
