// What was done in the company and who looked at whom. Nobody can change it.
import { Button, Card, NativeSelect, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ScrollText, X } from 'lucide-react'
import { useZone } from '~/api/me'
import type { CompanyAuditPage } from '~/api/types'
import { NewestSeal } from '~/components/audit/newest-seal'
import { DayRange } from '~/components/day-range'
import { Empty } from '~/components/empty'
import { ExportFiles } from '~/components/export-files'
import { FilterBar } from '~/components/filter-bar'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { PagedTable } from '~/components/paged-table'
import { SearchField } from '~/components/search-field'
import { zoneLabel } from '~/lib/time'
import { auditColumns, doneInWords } from './columns'
import { auditQuery, exportAudit } from './queries'
import { type AuditSearch, THINGS } from './search'
import { Verification } from './verification'

const route = getRouteApi('/_app/_admin/audit')

export function AuditPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const zone = useZone()
  const entries = useQuery(auditQuery(search))
  const { cursor, ...filter } = search
  return (
    <Page
      title="Audit log"
      purpose={`What was changed, and who looked at whom: the people who were looked at read that as well. Nobody can change it. Times in ${zoneLabel(zone)}.`}
    >
      <Card p={0} component="section" aria-label="Entries of the audit log">
        <Filters entries={entries.data} />
        <Loaded query={entries} skeleton={<Skeleton h={320} m="md" w="auto" />}>
          {(page) => {
            if (page.items.length > 0)
              return (
                <PagedTable
                  caption="What was done, the newest first"
                  columns={auditColumns(zone)}
                  page={page}
                  rowKey={(entry) => entry.id}
                  busy={entries.isPlaceholderData}
                  cursor={cursor}
                  onGo={(cursor, state) =>
                    void navigate({ search: (old) => ({ ...old, cursor }), state })
                  }
                />
              )
            if (Object.values(filter).some((value) => value !== undefined))
              return <NoMatch title="No entry matches" />
            return (
              <Empty icon={ScrollText} title="Nothing was done yet">
                Changes that admins make, and every look at a person's day, show up here.
              </Empty>
            )
          }}
        </Loaded>
      </Card>
      {entries.data?.head && (
        <>
          <NewestSeal head={entries.data.head} zone={zone}>
            Keep it somewhere else: with it you can show later that nothing up to it was altered,
            taken out or put in.
          </NewestSeal>
          <Verification />
        </>
      )}
    </Page>
  )
}

const KINDS = [
  { value: '', label: 'All entries' },
  { value: 'change', label: 'Changes only' },
  { value: 'access', label: 'Looks only' },
]

function Filters({ entries }: { entries: CompanyAuditPage | undefined }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { kind, actor, action, person, from, to } = search
  /** A changed filter starts at the first page. */
  const go = (change: Partial<AuditSearch>) =>
    void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }), replace: true })
  const known = Object.entries(THINGS).map(([value, label]) => ({ value, label }))
  const own = action && !(action in THINGS) ? [{ value: action, label: doneInWords(action) }] : []
  const name = entries?.items.find(({ subject }) => subject?.id === person)?.subject?.name
  return (
    <FilterBar
      search={
        <SearchField label="Search by who" initial={actor} onSearch={(actor) => go({ actor })} />
      }
      filters={
        <>
          <NativeSelect
            aria-label="Kind"
            value={kind ?? ''}
            onChange={({ currentTarget: { value } }) =>
              go({ kind: value === 'change' || value === 'access' ? value : undefined })
            }
            data={KINDS}
          />
          <NativeSelect
            aria-label="What was done"
            value={action ?? ''}
            onChange={({ currentTarget: { value } }) => go({ action: value || undefined })}
            data={[{ value: '', label: 'Everything' }, ...known, ...own]}
          />
          {person && (
            <Button
              variant="light"
              rightSection={<X size={14} aria-hidden />}
              onClick={() => go({ person: undefined })}
              aria-label={`Show everybody, not only ${name ?? 'this one'}`}
            >
              Only {name ?? 'one person'}
            </Button>
          )}
          <DayRange from={from} to={to} onChange={go} />
        </>
      }
      actions={
        <ExportFiles
          label="All entries of this filter"
          save={(format) => exportAudit(search, format)}
        />
      }
    />
  )
}
