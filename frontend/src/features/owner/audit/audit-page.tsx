// What owners and jobs did: found by who, what, which company and when. Nobody can change it.
import { Button, Card, NativeSelect, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ScrollText, X } from 'lucide-react'
import { useZone } from '~/api/me'
import type { AuditPage as Entries } from '~/api/types'
import { inWords } from '~/components/audit/cells'
import { NewestSeal } from '~/components/audit/newest-seal'
import { DataTable } from '~/components/data-table'
import { DayRange } from '~/components/day-range'
import { Empty } from '~/components/empty'
import { ExportFiles } from '~/components/export-files'
import { FilterBar } from '~/components/filter-bar'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { SearchField } from '~/components/search-field'
import { zoneLabel } from '~/lib/time'
import { auditColumns } from './columns'
import { auditQuery, exportAudit } from './queries'
import { type AuditSearch, THINGS } from './search'

const route = getRouteApi('/_app/owner/audit')

function useGo() {
  const navigate = route.useNavigate()
  /** A changed filter starts at the first page. */
  return (change: Partial<AuditSearch>) =>
    void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }), replace: true })
}

export function AuditPage() {
  const search = route.useSearch()
  const zone = useZone()
  const entries = useQuery(auditQuery(search, zone))
  return (
    <Page
      title="Audit log"
      purpose={`What owners and jobs did. Nobody can change it. Times in ${zoneLabel(zone)}.`}
    >
      <Card p={0} component="section" aria-label="Entries of the audit log">
        <Filters entries={entries.data} />
        <Loaded query={entries} skeleton={<Skeleton h={320} m="md" w="auto" />}>
          {(page) =>
            page.items.length === 0 ? (
              <Nothing />
            ) : (
              <Rows page={page} busy={entries.isPlaceholderData} />
            )
          }
        </Loaded>
      </Card>
      {entries.data?.head && (
        <NewestSeal head={entries.data.head} zone={zone}>
          Keep it somewhere else: “tracker audit verify --noted …” then shows that nothing up to it
          was altered, taken out or put in.
        </NewestSeal>
      )}
    </Page>
  )
}

function Filters({ entries }: { entries: Entries | undefined }) {
  const search = route.useSearch()
  const { actor, action, company, from, to } = search
  const zone = useZone()
  const go = useGo()
  const known = Object.entries(THINGS).map(([value, label]) => ({ value, label }))
  const own = action && !(action in THINGS) ? [{ value: action, label: inWords(action) }] : []
  const name = entries?.items.find((entry) => entry.company?.id === company)?.company?.name
  return (
    <FilterBar
      search={
        <SearchField label="Search by who" initial={actor} onSearch={(actor) => go({ actor })} />
      }
      filters={
        <>
          <NativeSelect
            aria-label="What was done"
            value={action ?? ''}
            onChange={({ currentTarget: { value } }) => go({ action: value || undefined })}
            data={[{ value: '', label: 'Everything' }, ...known, ...own]}
          />
          {company && (
            <Button
              variant="light"
              rightSection={<X size={14} aria-hidden />}
              onClick={() => go({ company: undefined })}
              aria-label={`Show all companies, not only ${name ?? 'this one'}`}
            >
              Only {name ?? 'one company'}
            </Button>
          )}
          <DayRange from={from} to={to} onChange={go} />
        </>
      }
      actions={
        <ExportFiles
          label="All entries of this filter"
          save={(format) => exportAudit(search, zone, format)}
        />
      }
    />
  )
}

function Rows({ page, busy }: { page: Entries; busy: boolean }) {
  const zone = useZone()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <>
      <DataTable
        caption="What was done, the newest first"
        columns={auditColumns(zone)}
        rows={page.items}
        rowKey={(entry) => entry.id}
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

function Nothing() {
  const { cursor: _, ...filter } = route.useSearch()
  if (Object.values(filter).some((value) => value !== undefined))
    return <NoMatch title="No entry matches" />
  return (
    <Empty icon={ScrollText} title="Nothing was done yet">
      What owners and jobs do to companies, plans and accounts shows up here.
    </Empty>
  )
}
