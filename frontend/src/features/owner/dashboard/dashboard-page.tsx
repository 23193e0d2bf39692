// The OWNER's start page: how the companies do, in numbers per company. Nothing here is about a person.
import { Alert, Card, Group, NativeSelect, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { BellOff, Building2, Camera, HardDrive, Plus, SearchX, Timer, Users } from 'lucide-react'
import { useZone } from '~/api/me'
import type { Companies } from '~/api/types'
import { DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { ExportCsv } from '~/components/export-csv'
import { FilterBar } from '~/components/filter-bar'
import { AnchorLink, ButtonLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { SearchField } from '~/components/search-field'
import { StatTile, StatTiles, TilesSkeleton } from '~/components/stat-tile'
import { bytes, count, minutesAsHours, plural } from '~/lib/format'
import { ago, formatTime } from '~/lib/time'
import { companyColumns, companyCsv } from './columns'
import { allCompaniesQuery, companiesQuery } from './queries'
import { type CompaniesSearch, STATUSES } from './search'
import { SILENT_DAYS, type Totals, totals } from './totals'

const route = getRouteApi('/_app/owner/dashboard')

export function OwnerDashboardPage() {
  const all = useQuery(allCompaniesQuery)
  const zone = useZone()
  return (
    <Page
      title="Companies"
      purpose="Numbers per company, never per person."
      actions={
        <ButtonLink to="/owner/company/create" leftSection={<Plus size={16} aria-hidden />}>
          New company
        </ButtonLink>
      }
    >
      <Loaded query={all} skeleton={<TilesSkeleton count={5} />}>
        {({ items, asOf, complete }) => {
          const figures = totals(items, new Date())
          return (
            <Stack gap="lg">
              <Tiles figures={figures} />
              {figures.silent.length > 0 && <Silent figures={figures} />}
              {asOf && (
                <Text size="xs" c="dimmed">
                  Numbers of {formatTime(asOf, zone)}, at most a few minutes old.
                  {!complete && ` Totals are of the first ${count(items.length)} companies.`}
                </Text>
              )}
            </Stack>
          )
        }}
      </Loaded>
      <List />
    </Page>
  )
}

function Tiles({ figures }: { figures: Totals }) {
  return (
    <StatTiles>
      <StatTile
        icon={Building2}
        label="Running"
        value={count(figures.running)}
        hint={`${plural(figures.trials, 'trial')} of them; ${count(figures.stopped)} stopped`}
      />
      <StatTile
        icon={Users}
        label="Employees"
        value={count(figures.employees)}
        hint="Seats in use, all companies"
      />
      <StatTile
        icon={Timer}
        label="Active time"
        value={minutesAsHours(figures.minutes)}
        hint="Last 30 days"
      />
      <StatTile
        icon={Camera}
        label="Screenshots"
        value={count(figures.screenshots)}
        hint="Last 30 days"
      />
      <StatTile
        icon={HardDrive}
        label="Storage"
        value={bytes(figures.storage)}
        hint="All companies"
      />
    </StatTiles>
  )
}

function Silent({ figures: { silent } }: { figures: Totals }) {
  return (
    <Alert
      color="yellow"
      radius="lg"
      icon={<BellOff size={20} aria-hidden />}
      title={`${plural(silent.length, 'running company has', 'running companies have')} been silent for more than ${SILENT_DAYS} days`}
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      <Group gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {silent.slice(0, 8).map((company) => (
          <li key={company.id}>
            <AnchorLink
              size="sm"
              underline="always"
              c="var(--mantine-color-text)"
              to="/owner/company/$companyId"
              params={{ companyId: company.id }}
            >
              {company.name}
            </AnchorLink>{' '}
            <Text span size="sm">
              ({company.last_sync_at ? ago(company.last_sync_at) : 'never'})
            </Text>
          </li>
        ))}
        {silent.length > 8 && (
          <li>
            <Text size="sm">and {count(silent.length - 8)} more</Text>
          </li>
        )}
      </Group>
    </Alert>
  )
}

function List() {
  const search = route.useSearch()
  const companies = useQuery(companiesQuery(search))
  return (
    <Card p={0} component="section" aria-label="List of companies">
      <Filters rows={companies.data} />
      <Loaded query={companies} skeleton={<Skeleton h={320} m="md" w="auto" />}>
        {(page) =>
          page.items.length === 0 ? (
            <NoCompanies />
          ) : (
            <Rows page={page} busy={companies.isPlaceholderData} />
          )
        }
      </Loaded>
    </Card>
  )
}

function useGo() {
  const navigate = route.useNavigate()
  /** A changed filter starts at the first page. */
  return (change: Partial<CompaniesSearch>) =>
    void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }), replace: true })
}

function Filters({ rows }: { rows: Companies | undefined }) {
  const search = route.useSearch()
  const go = useGo()
  const plans = [...new Set(useQuery(allCompaniesQuery).data?.items.map(({ plan }) => plan))].sort()
  return (
    <FilterBar
      search={
        <SearchField label="Search companies" initial={search.q} onSearch={(q) => go({ q })} />
      }
      filters={
        <>
          <NativeSelect
            aria-label="Status"
            value={search.status ?? ''}
            onChange={({ currentTarget: { value } }) =>
              go({ status: STATUSES.find((status) => status === value) })
            }
            data={[
              { value: '', label: 'Any status' },
              ...STATUSES.map((value) => ({
                value,
                label: value.charAt(0) + value.slice(1).toLowerCase(),
              })),
            ]}
          />
          <NativeSelect
            aria-label="Plan"
            value={search.plan ?? ''}
            onChange={({ currentTarget: { value } }) => go({ plan: value || undefined })}
            data={[{ value: '', label: 'Any plan' }, ...plans]}
          />
        </>
      }
      actions={<ExportCsv name="companies" columns={companyCsv} rows={rows?.items} />}
    />
  )
}

function Rows({ page, busy }: { page: Companies; busy: boolean }) {
  const zone = useZone()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const router = useRouter()
  const go = useGo()
  const cameByNext = router.state.location.state.pagedFrom === true
  return (
    <>
      <DataTable
        caption="Companies, activity of the last 30 days"
        columns={companyColumns(zone)}
        rows={page.items}
        rowKey={(company) => company.id}
        sort={search.sort}
        onSort={(sort) => go({ sort: sort as CompaniesSearch['sort'] })}
        busy={busy}
      />
      <Pager
        shown={page.items.length}
        cursor={search.cursor}
        next={page.next_cursor}
        onBack={cameByNext ? () => router.history.back() : undefined}
        onGo={(cursor) =>
          void navigate({
            search: (old) => ({ ...old, cursor }),
            state: { pagedFrom: true },
          })
        }
      />
    </>
  )
}

function NoCompanies() {
  const { q, status, plan } = route.useSearch()
  if (q || status || plan)
    return (
      <Empty
        icon={SearchX}
        title="No company matches"
        action={
          <ButtonLink variant="default" to="/owner/dashboard" search={{}}>
            Clear filters
          </ButtonLink>
        }
      />
    )
  return (
    <Empty
      icon={Building2}
      title="No companies yet"
      action={<ButtonLink to="/owner/company/create">Create the first company</ButtonLink>}
    >
      A new company starts on trial, with a key for its agents and a link for its first admin.
    </Empty>
  )
}
