// Columns of a report: what a row stands for, then its figures, each beside that of the days before.
import { Text } from '@mantine/core'
import type { Report, ReportColumn, ReportKey, ReportRow } from '~/api/types'
import { type Column, TwoLines } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { duration } from '~/lib/format'
import { addDays, formatDay } from '~/lib/time'
import type { ReportsSearch } from './search'
import { canGrow, change, columnWord, DIMS, type Dim, figure, KINDS, type Kind } from './words'

export function keyWord(dim: Dim, { day, name }: ReportKey): string {
  if (day && dim === 'month') return formatDay(day, 'month')
  if (day && dim === 'week') return `${formatDay(day, 'chart')} – ${formatDay(addDays(day, 6))}`
  if (day) return formatDay(day, 'weekday')
  return name || (dim === 'team' ? 'In no team' : dim === 'task' ? 'Not yours any more' : '–')
}

/** Where a name leads: to what is behind it. */
function within(kind: Kind, dim: Dim, { id }: ReportKey): Partial<ReportsSearch> | undefined {
  if (!id) return undefined
  const group = KINDS[kind].item ?? 'day'
  if (dim === 'person') return { person: id, group, sub: undefined }
  if (dim === 'team') return { team: id, group: 'person', sub: undefined }
  return undefined
}

function Name({ report, dim, of }: { report: Report; dim: Dim; of: ReportKey }) {
  const word = keyWord(dim, of)
  const search = within(report.kind, dim, of)
  if (!search)
    return (
      <Text span size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
        {word}
      </Text>
    )
  return (
    <AnchorLink
      to="/reports"
      search={(old) => ({ ...old, cursor: undefined, ...search })}
      fz="sm"
      fw={600}
      c="var(--mantine-color-text)"
      style={{ overflowWrap: 'anywhere' }}
    >
      {word}
    </AnchorLink>
  )
}

export const rowKey = ({ group, sub }: ReportRow) =>
  [group, sub].map((key) => key?.id ?? key?.day ?? key?.name ?? '').join(' ')

export function reportColumns(report: Report, isAdmin: boolean): Column<ReportRow>[] {
  const { group, sub } = report
  const name = (dim: Dim, of: ReportKey) =>
    isAdmin ? <Name report={report} dim={dim} of={of} /> : keyWord(dim, of)
  const keys: Column<ReportRow>[] = [
    { key: 'group', header: DIMS[group], names: true, cell: (row) => name(group, row.group) },
  ]
  if (sub)
    keys.push({ key: 'sub', header: DIMS[sub], cell: (row) => row.sub && name(sub, row.sub) })
  const figures = report.columns.map(
    (column, at): Column<ReportRow> => ({
      key: column.key,
      header: columnWord(column.key),
      align: 'end',
      cell: (row) => <Figure report={report} column={column} at={at} row={row} />,
    }),
  )
  return [...keys, ...figures]
}

type FigureProps = { report: Report; column: ReportColumn; at: number; row: ReportRow }

function Figure({ report, column, at, row }: FigureProps) {
  const value = row.values[at]
  const said = figure(column, value, report.time_zone)
  if (column.key === 'total_seconds') {
    const estimate = row.values[report.columns.findIndex(({ key }) => key === 'estimate_seconds')]
    const over = estimate ? (value ?? 0) - estimate : 0
    return over > 0 ? <TwoLines first={said} second={`${duration(over)} over`} /> : said
  }
  if (!row.previous) return said
  const before = row.previous[at]
  const grown = canGrow(column) ? change(value, before) : undefined
  const second = `before ${figure(column, before, report.time_zone)}${grown ? `, ${grown}` : ''}`
  return <TwoLines first={said} second={second} />
}
