// One company as its vendor sees it: state, plan, key, counts by day, history. Counts only, never a person.
import { Alert, Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Outlet } from '@tanstack/react-router'
import {
  Camera,
  DoorOpen,
  EyeOff,
  HardDrive,
  PauseCircle,
  RefreshCw,
  Timer,
  Users,
} from 'lucide-react'
import { asAppError } from '~/api/errors'
import { useZone } from '~/api/me'
import type { CompanyDetail } from '~/api/types'
import { BackLink } from '~/components/back-link'
import { ButtonLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { CompanyPill } from '~/components/pill'
import { StatTile, StatTiles, TilesSkeleton } from '~/components/stat-tile'
import { bytes, count, minutesAsHours, percent, plural } from '~/lib/format'
import { ago, formatDate, formatDateTime, zoneLabel } from '~/lib/time'
import { GonePage } from './gone-page'
import { HistoryCard } from './history-card'
import { KeyCard } from './key-card'
import { NotesCard } from './notes-card'
import { OverridesCard } from './overrides-card'
import { PlanCard } from './plan-card'
import { companyQuery } from './queries'
import { canActivate, canRenew } from './terms'
import { UsageCard } from './usage-card'

const route = getRouteApi('/_app/owner/company/$companyId')

export function CompanyPage() {
  const { companyId } = route.useParams()
  const company = useQuery(companyQuery(companyId))
  if (company.error && asAppError(company.error).status === 404)
    return <GonePage companyId={companyId} />
  const detail = company.data
  return (
    <>
      <Page
        title={detail?.name ?? 'Company'}
        back={<BackLink to="/owner/dashboard">Companies</BackLink>}
        purpose={detail && <Facts detail={detail} />}
        actions={detail && <Actions detail={detail} />}
      >
        <CountsOnly />
        <Loaded
          query={company}
          skeleton={
            <Stack gap="lg">
              <TilesSkeleton count={5} />
              <Skeleton h={340} radius="lg" />
            </Stack>
          }
        >
          {(loaded) => <Body detail={loaded} />}
        </Loaded>
      </Page>
      <Outlet />
    </>
  )
}

function Facts({ detail }: { detail: CompanyDetail }) {
  const zone = useZone()
  const ends = detail.status === 'TRIAL' ? detail.trial_ends_at : detail.expires_at
  return (
    <Group gap="xs" mt={6}>
      <CompanyPill status={detail.status} />
      <Text size="sm" c="dimmed">
        {detail.plan}
        {ends &&
          ` · ${detail.status === 'TRIAL' ? 'trial ends' : 'paid until'} ${formatDate(ends, zone)}`}
        {` · since ${formatDate(detail.created_at, zone)} · clock of ${zoneLabel(detail.time_zone)}`}
      </Text>
    </Group>
  )
}

function Actions({ detail }: { detail: CompanyDetail }) {
  const running = detail.status === 'ACTIVE' || detail.status === 'TRIAL'
  const to = { params: { companyId: detail.id }, search: true } as const
  return (
    <>
      {canActivate(detail) && (
        <ButtonLink to="/owner/company/$companyId/activate" {...to}>
          Activate
        </ButtonLink>
      )}
      {canRenew(detail) && (
        <ButtonLink to="/owner/company/$companyId/renew" {...to}>
          Renew
        </ButtonLink>
      )}
      {(detail.status === 'TRIAL' || detail.status === 'EXPIRED') && detail.trial_ends_at && (
        <ButtonLink to="/owner/company/$companyId/extend-trial" {...to} variant="default">
          Extend trial
        </ButtonLink>
      )}
      {running ? (
        <ButtonLink to="/owner/company/$companyId/suspend" {...to} variant="default">
          Suspend
        </ButtonLink>
      ) : (
        <ButtonLink
          to="/owner/company/$companyId/reactivate"
          {...to}
          {...(detail.status === 'EXPIRED' ? { variant: 'default' } : {})}
        >
          Reactivate
        </ButtonLink>
      )}
      {detail.status !== 'CANCELLED' && (
        <ButtonLink to="/owner/company/$companyId/cancel" {...to} variant="default">
          Cancel subscription
        </ButtonLink>
      )}
    </>
  )
}

function CountsOnly() {
  return (
    <Alert
      color="indigo"
      radius="lg"
      icon={<EyeOff size={20} aria-hidden />}
      title="You see counts only"
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      <Text size="sm">
        No names, applications, window titles, sites or pictures of this company reach the owner’s
        side. The database itself refuses them.
      </Text>
    </Alert>
  )
}

function Body({ detail }: { detail: CompanyDetail }) {
  return (
    <Stack gap="lg">
      {detail.status === 'SUSPENDED' && (
        <Alert
          color="red"
          radius="lg"
          icon={<PauseCircle size={20} aria-hidden />}
          title="Suspended"
          styles={{ title: { color: 'var(--mantine-color-text)' } }}
        >
          <Text size="sm">{detail.suspended_reason ?? 'No reason was kept.'}</Text>
        </Alert>
      )}
      {detail.status === 'CANCELLED' && <Cancelled detail={detail} />}
      <Tiles detail={detail} />
      <UsageCard detail={detail} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <PlanCard detail={detail} />
        <KeyCard detail={detail} />
      </SimpleGrid>
      <OverridesCard detail={detail} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <HistoryCard detail={detail} />
        <NotesCard detail={detail} />
      </SimpleGrid>
      <Contact detail={detail} />
    </Stack>
  )
}

function Cancelled({ detail }: { detail: CompanyDetail }) {
  const zone = useZone()
  return (
    <Alert
      color="red"
      radius="lg"
      icon={<DoorOpen size={20} aria-hidden />}
      title={
        detail.cancelled_at ? `Cancelled on ${formatDate(detail.cancelled_at, zone)}` : 'Cancelled'
      }
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      <Text size="sm">
        {detail.revocable_until &&
          `Everything of it is erased on ${formatDate(detail.revocable_until, zone)}. `}
        Until then it can be reactivated as it was, and its admins read and export.
      </Text>
    </Alert>
  )
}

function Tiles({ detail }: { detail: CompanyDetail }) {
  const zone = useZone()
  return (
    <StatTiles>
      <StatTile
        icon={Users}
        label="Employees"
        value={`${count(detail.employees_active)} / ${count(detail.max_employees)}`}
        of={{
          part: detail.employees_active,
          whole: detail.max_employees,
          name: 'Employees of the plan’s limit',
        }}
        hint="Seats in use, invitations included"
      />
      <StatTile
        icon={Timer}
        label="Active time"
        value={minutesAsHours(detail.active_minutes_30d)}
        hint={`${plural(detail.sessions_30d, 'session')}, last 30 days`}
      />
      <StatTile
        icon={Camera}
        label="Screenshots"
        value={count(detail.screenshots_30d)}
        hint="Last 30 days, counted only"
      />
      <StatTile
        icon={HardDrive}
        label="Storage"
        value={bytes(detail.storage_bytes)}
        hint={`${percent(detail.storage_bytes, detail.max_storage_bytes) ?? '–'} of ${bytes(detail.max_storage_bytes)}`}
        of={{
          part: detail.storage_bytes,
          whole: detail.max_storage_bytes,
          name: 'Storage of the plan’s limit',
        }}
      />
      <StatTile
        icon={RefreshCw}
        label="Last sync"
        value={detail.last_sync_at ? ago(detail.last_sync_at, new Date(), 'short') : 'Never'}
        hint={
          detail.last_sync_at
            ? formatDateTime(detail.last_sync_at, zone)
            : 'No agent has called yet'
        }
      />
    </StatTiles>
  )
}

function Contact({ detail }: { detail: CompanyDetail }) {
  return (
    <Card component="section" aria-label="Contact">
      <Title order={2} size="h5">
        Contact
      </Title>
      <Text size="sm" mt={4}>
        {detail.admin_email}
      </Text>
      <Text size="xs" c="dimmed" mt={4}>
        The admin’s address typed when the company was created: the one personal datum you see.
      </Text>
    </Card>
  )
}
