// Reports: which, of which days, by what, beside what, and as a file. An employee's are of the own days.
import { Button, Card, Checkbox, Group, NativeSelect, Skeleton, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ChartLine } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useMe, useToday } from '~/api/me'
import type { Report } from '~/api/types'
import { DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { ExportFiles } from '~/components/export-files'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { PersonSelect } from '~/components/teams/person-select'
import { TeamFilter } from '~/components/teams/team-filter'
import { administers } from '~/lib/can'
import type { Day } from '~/lib/time'
import { PeriodControls } from '../usage/period-controls'
import { reportColumns, rowKey } from './columns'
import { useMakeFile } from './made-queries'
import { exportReport, filterOf, type ReportFilter, reportQuery } from './queries'
import { ReportChart } from './report-chart'
import c from './reports-page.module.css'
import { parametersOf } from './saved-queries'
import type { ReportsSearch } from './search'
import { canGrow, change, columnWord, DIMS, dimsOf, figure, isKind, isTime, KINDS } from './words'

// An admin's alone, and with its dialogs as large as the page.
const SavedMenu = lazy(() => import('./saved-menu'))

const route = getRouteApi('/_app/_me/reports')

function useGo() {
  const navigate = route.useNavigate()
  /** A changed report starts at the first page. */
  return (change: Partial<ReportsSearch>) =>
    void navigate({
      search: (old) => ({ ...old, cursor: undefined, ...change }),
      replace: true,
      resetScroll: false,
    })
}

export function ReportsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const go = useGo()
  const isAdmin = administers(useMe())
  const today = useToday()
  const filter = filterOf(search, today, isAdmin)
  const report = useQuery(reportQuery(filter, search.cursor))
  return (
    <Page
      title="Reports"
      purpose={
        isAdmin
          ? 'The company’s days in sums: who, when, with what, and beside the days before.'
          : 'Your own days in sums, beside the days before.'
      }
      actions={<PeriodControls period={filter} today={today} onPeriod={go} />}
    >
      <Tabs
        value={filter.kind}
        keepMounted={false}
        onChange={(kind) => {
          if (!isKind(kind)) return
          const rest = { group: undefined, sub: undefined, sort: undefined, cursor: undefined }
          void navigate({ search: (old) => ({ ...old, ...rest, kind }) })
        }}
      >
        <Tabs.List aria-label="Report" mb="lg">
          {Object.entries(KINDS).map(([kind, { label }]) => (
            <Tabs.Tab key={kind} value={kind}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={filter.kind}>
          <Controls filter={filter} isAdmin={isAdmin} today={today} />
          <Loaded query={report} skeleton={<Skeleton h={480} />}>
            {(page) => (
              <Shown
                report={page}
                filter={filter}
                isAdmin={isAdmin}
                busy={report.isPlaceholderData}
              />
            )}
          </Loaded>
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

type ShownProps = { report: Report; filter: ReportFilter; isAdmin: boolean; busy: boolean }

function Shown({ report, filter, isAdmin, busy }: ShownProps) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <>
      <Totals report={report} />
      <ReportChart report={report} />
      <Card p={0} mt="lg" component="section" aria-label={KINDS[report.kind].label}>
        {report.items.length === 0 ? (
          <Nothing filter={filter} />
        ) : (
          <DataTable
            caption={KINDS[report.kind].label}
            columns={reportColumns(report, isAdmin)}
            rows={report.items}
            rowKey={rowKey}
            busy={busy}
          />
        )}
        <Notes report={report} isAdmin={isAdmin} />
        <Pager
          shown={report.items.length}
          cursor={search.cursor}
          next={report.next_cursor}
          onGo={(cursor, state) => void navigate({ search: (old) => ({ ...old, cursor }), state })}
        />
      </Card>
    </>
  )
}

function Totals({ report }: { report: Report }) {
  const { columns, totals, previous_totals, time_zone } = report
  // A time of the day has no total.
  const shown = columns
    .map((column, at) => ({ column, at }))
    .filter(({ column }) => column.unit !== 'time')
  return (
    <Card component="section" aria-label="All together" mb="lg">
      <dl className={c.totals}>
        {shown.map(({ column, at }) => {
          const grown = canGrow(column) && change(totals[at], previous_totals?.[at])
          return (
            <div key={column.key}>
              <Text component="dt" size="xs" c="dimmed">
                {columnWord(column.key)}
              </Text>
              <Text component="dd" m={0} fw={650} className="numbers">
                {figure(column, totals[at], time_zone)}
              </Text>
              {previous_totals && (
                <Text component="dd" m={0} size="xs" c="dimmed" className="numbers">
                  before {figure(column, previous_totals[at], time_zone)}
                  {grown && `, ${grown}`}
                </Text>
              )}
            </div>
          )
        })}
      </dl>
    </Card>
  )
}

type ControlsProps = { filter: ReportFilter; isAdmin: boolean; today: Day }

function Controls({ filter, isAdmin, today }: ControlsProps) {
  const go = useGo()
  const dims = dimsOf(filter.kind, isAdmin)
  // What is saved and sent is of the company.
  const savesReports = useMe().role === 'ADMIN'
  const navigate = route.useNavigate()
  const make = useMakeFile()
  const later = (['csv', 'xlsx', 'pdf'] as const).map((format) => ({
    label: `${format === 'xlsx' ? 'Excel' : format.toUpperCase()}, when it is ready`,
    start: async () => {
      const name = KINDS[filter.kind].label
      await make.mutateAsync({ name, format, report: parametersOf(filter, false, today) })
      await navigate({ to: '/report-files' })
    },
  }))
  const choices = dims.map((value) => ({ value, label: DIMS[value] }))
  return (
    <search className={c.controls} aria-label="What is shown">
      <NativeSelect
        label="By"
        value={filter.group}
        data={choices}
        onChange={({ currentTarget: { value } }) =>
          go({ group: value, sub: filter.sub === value ? undefined : filter.sub })
        }
      />
      <NativeSelect
        label="Then by"
        value={filter.sub ?? ''}
        data={[
          { value: '', label: 'Nothing else' },
          ...choices.filter(({ value }) => value !== filter.group),
        ]}
        onChange={({ currentTarget: { value } }) => go({ sub: value || undefined })}
      />
      {isAdmin && <Whose filter={filter} />}
      {!isTime(filter.group) && (
        <NativeSelect
          label="Order"
          value={filter.sort ?? ''}
          data={[
            { value: '', label: 'Most first' },
            { value: 'name', label: 'By name' },
          ]}
          onChange={({ currentTarget: { value } }) => go({ sort: value || undefined })}
        />
      )}
      <Checkbox
        className={c.compare}
        label="Beside the days before"
        checked={!!filter.compare}
        onChange={({ currentTarget: { checked } }) => go({ compare: checked })}
      />
      <Group gap="xs" className={c.actions}>
        <Suspense>{savesReports && <SavedMenu filter={filter} today={today} />}</Suspense>
        <ExportFiles
          label="All rows of this report"
          save={(format) => exportReport(filter, format)}
          savePdf={() => exportReport(filter, 'pdf')}
          {...(savesReports && { later })}
        />
      </Group>
    </search>
  )
}

function Whose({ filter }: { filter: ReportFilter }) {
  const go = useGo()
  return (
    <>
      <TeamFilter label="Team" value={filter.team_id} onChange={(team) => go({ team })} />
      <PersonSelect
        label="Employee"
        placeholder="Everybody"
        value={filter.user_id ?? null}
        onChange={(person) => go({ person: person ?? undefined })}
      />
    </>
  )
}

function Notes({ report, isAdmin }: { report: Report; isAdmin: boolean }) {
  const notes = []
  if (report.kind === 'attendance')
    notes.push(
      report.has_schedule
        ? 'Late is who began after the hours of the settings do, as these are today.'
        : 'The settings have no hours of the day, so nobody is late.',
    )
  if (report.kind === 'apps' || report.kind === 'sites')
    notes.push('With several devices at once the times may add up to more than was tracked.')
  if (report.kind === 'categories')
    notes.push('Time is what the productivity rules made of it when its day was sorted last.')
  const dims = [report.group, report.sub]
  // Somebody's hours of the whole stretch are a line of a list.
  const saysMore =
    (report.kind !== 'hours' && report.kind !== 'activity') ||
    dims.some((dim) => dim && isTime(dim))
  if (isAdmin && saysMore && (dims.includes('person') || dims.includes('task')))
    notes.push('Looking at what one person did is noted, and they can read the note.')
  if (notes.length === 0) return null
  return (
    <Text size="xs" c="dimmed" px="md" py="sm">
      {notes.join(' ')}
    </Text>
  )
}

function Nothing({ filter }: { filter: ReportFilter }) {
  const go = useGo()
  if (filter.user_id || filter.team_id)
    return (
      <Empty
        icon={ChartLine}
        title="Nothing of them in these days"
        action={
          <Button variant="default" onClick={() => go({ person: undefined, team: undefined })}>
            Show everybody
          </Button>
        }
      />
    )
  return (
    <Empty icon={ChartLine} title="Nothing was recorded in these days">
      What agents record shows up here within a minute.
    </Empty>
  )
}
