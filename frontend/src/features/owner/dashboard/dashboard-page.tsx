// The OWNER's start page: how the companies do, in numbers per company. Nothing here is about a person.
import {
  Alert,
  Card,
  Group,
  NativeSelect,
  Skeleton,
  Stack,
  Text,
  VisuallyHidden,
} from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import {
  BellOff,
  Building2,
  Camera,
  Coins,
  HardDrive,
  Hourglass,
  Plus,
  Timer,
  Users,
} from 'lucide-react'
import { useZone } from '~/api/me'
import type { Companies, Summary } from '~/api/types'
import { DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { ExportFiles } from '~/components/export-files'
import { FilterBar } from '~/components/filter-bar'
import { AnchorLink, ButtonLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { SearchField } from '~/components/search-field'
import { StatTile, StatTiles, TilesSkeleton } from '~/components/stat-tile'
import { bytes, count, minutesAsHours, money, plural } from '~/lib/format'
import { ago, formatTime } from '~/lib/time'
import { plansQuery } from '../plans/queries'
import { companyColumns } from './columns'
import { companiesQuery, exportCompanies, summaryQuery } from './queries'
import { type CompaniesSearch, STATUSES } from './search'

const route = getRouteApi('/_app/owner/dashboard')

export function OwnerDashboardPage() {
  const summary = useQuery(summaryQuery)
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
      <Loaded query={summary} skeleton={<TilesSkeleton count={8} />}>
        {(figures) => (
          <Stack gap="lg">
            <Tiles figures={figures} />
            {figures.silent_count > 0 && <Silent figures={figures} />}
            <Text size="xs" c="dimmed">
              Numbers of {formatTime(figures.as_of, zone)}. They are counted anew at least every
              five minutes.
            </Text>
          </Stack>
        )}
      </Loaded>
      <List />
    </Page>
  )
}

function Tiles({ figures }: { figures: Summary }) {
  const { trial, active, suspended, expired, cancelled } = figures.companies
  const others = [
    [suspended, 'suspended'],
    [expired, 'expired'],
    [cancelled, 'cancelled'],
  ] as const
  const stopped = others
    .filter(([number]) => number > 0)
    .map(([number, status]) => `${count(number)} ${status}`)
  return (
    <StatTiles>
      <StatTile
        icon={Building2}
        label="Running"
        value={count(trial + active)}
        hint={[`${count(active)} active`, `${count(trial)} on trial`, ...stopped].join(', ')}
      />
      <Revenue mrr={figures.mrr} />
      <StatTile
        icon={Hourglass}
        label="Trials ending"
        value={count(figures.trials_ending_7d)}
        hint={`Within 7 days, of ${plural(trial, 'trial')}`}
      />
      <StatTile
        icon={BellOff}
        label="Silent"
        value={count(figures.silent_count)}
        hint="Running, nothing heard for more than 3 days"
      />
      <StatTile
        icon={Timer}
        label="Active time"
        value={minutesAsHours(figures.active_minutes_30d)}
        hint={`Last 30 days; ${change(figures)}`}
      />
      <StatTile
        icon={Camera}
        label="Screenshots"
        value={count(figures.screenshots_30d)}
        hint="Last 30 days"
      />
      <StatTile
        icon={HardDrive}
        label="Storage"
        value={bytes(figures.storage_bytes)}
        hint="All companies"
      />
      <StatTile
        icon={Users}
        label="Employees"
        value={count(figures.employees_active)}
        hint="Seats in use, all companies"
      />
    </StatTiles>
  )
}

/** Currencies stand beside each other: without a rate nothing says what they are together. */
function Revenue({ mrr }: { mrr: Summary['mrr'] }) {
  const [first, ...others] = mrr
  return (
    <StatTile
      icon={Coins}
      label="MRR"
      value={first ? money(first.mrr_minor, first.currency) : '–'}
      hint={
        others.length > 0
          ? `and ${others.map((one) => money(one.mrr_minor, one.currency)).join(', and ')}`
          : `A month, of ${plural(first?.companies ?? 0, 'active company', 'active companies')}`
      }
    />
  )
}

function change({ active_minutes_30d: now, active_minutes_previous_30d: before }: Summary) {
  if (before === 0) return 'nothing in the 30 days before'
  const share = Math.round((now / before - 1) * 100)
  if (share === 0) return 'as in the 30 days before'
  return `${count(Math.abs(share))} % ${share > 0 ? 'more' : 'less'} than in the 30 days before`
}

function Silent({ figures: { silent, silent_count } }: { figures: Summary }) {
  return (
    <Alert
      color="yellow"
      radius="lg"
      icon={<BellOff size={20} aria-hidden />}
      title={`${plural(silent_count, 'running company has', 'running companies have')} been silent for more than 3 days`}
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      <Group gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {silent.map((company) => (
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
        {silent_count > silent.length && (
          <li>
            <AnchorLink
              size="sm"
              underline="always"
              c="var(--mantine-color-text)"
              to="/owner/dashboard"
              search={{ sort: 'last_sync_at' }}
            >
              and {count(silent_count - silent.length)} more
              <VisuallyHidden>, in the list by last sync</VisuallyHidden>
            </AnchorLink>
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
      <Filters />
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

function Filters() {
  const search = route.useSearch()
  const go = useGo()
  const plans = useQuery(plansQuery()).data?.items.map(({ name }) => name) ?? []
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
      actions={
        <ExportFiles
          label="All companies of this filter"
          save={(format) => exportCompanies(search, format)}
        />
      }
    />
  )
}

function Rows({ page, busy }: { page: Companies; busy: boolean }) {
  const zone = useZone()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const go = useGo()
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
        onGo={(cursor, state) => void navigate({ search: (old) => ({ ...old, cursor }), state })}
      />
    </>
  )
}

function NoCompanies() {
  const { q, status, plan } = route.useSearch()
  if (q || status || plan) return <NoMatch title="No company matches" />
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
