// Tables: real column headers with sort order for screen readers, sorted by the server; on a phone each row is a card.
// The roles are said once more, as a table that is laid out as cards is none for screen readers.
import { Box, NativeSelect, Text, UnstyledButton } from '@mantine/core'
import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react'
import type { ReactNode } from 'react'
import c from './data-table.module.css'

export type Column<T> = {
  key: string
  header: string
  cell: (row: T) => ReactNode
  /** The server's name of this order; the first click gives `first`. */
  sort?: string
  first?: 'asc' | 'desc'
  align?: 'end'
  /** Its words begin like a sentence: `yesterday` as well as `5 minutes ago`. */
  capital?: boolean
  width?: number | string
  /** The column that names the row: the card's heading on a phone. */
  names?: boolean
  /** No label on a phone: actions. */
  bare?: boolean
}

export type DataTableProps<T> = {
  caption: string
  columns: Column<T>[]
  rows: T[]
  rowKey: (row: T) => string
  sort?: string
  onSort?: (sort: string) => void
  busy?: boolean
}

export function DataTable<T>({
  caption,
  columns,
  rows,
  rowKey,
  sort,
  onSort,
  busy,
}: DataTableProps<T>) {
  return (
    <>
      {onSort && sort && <SortSelect columns={columns} sort={sort} onSort={onSort} />}
      <section
        className={c.area}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
        tabIndex={0}
        aria-label={`${caption}, table`}
        data-busy={busy || undefined}
      >
        <table className={c.table}>
          <caption className="visually-hidden">{caption}</caption>
          <thead role="rowgroup">
            <tr role="row">
              {columns.map((column) => (
                <HeaderCell key={column.key} column={column} sort={sort} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((row) => (
              <tr key={rowKey(row)} role="row">
                {columns.map((column) => (
                  <td
                    key={column.key}
                    role="cell"
                    data-align={column.align}
                    className={column.align ? 'numbers' : undefined}
                    data-names={column.names || undefined}
                    data-label={column.bare ? undefined : column.header}
                  >
                    {/* A block of its own: on a card the first letter is the label's. */}
                    {column.capital ? (
                      <div className="capital">{column.cell(row)}</div>
                    ) : (
                      column.cell(row)
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  )
}

type HeaderCellProps<T> = {
  column: Column<T>
  sort: string | undefined
  onSort: ((sort: string) => void) | undefined
}

function HeaderCell<T>({ column, sort, onSort }: HeaderCellProps<T>) {
  const order = orderOf(column, sort)
  const Icon = order === 'asc' ? ArrowUp : order === 'desc' ? ArrowDown : ChevronsUpDown
  return (
    <th
      role="columnheader"
      scope="col"
      style={{ width: column.width }}
      data-align={column.align}
      aria-sort={order ? (order === 'asc' ? 'ascending' : 'descending') : undefined}
    >
      {column.sort && onSort ? (
        <UnstyledButton className={c.sort} onClick={() => onSort(nextSort(column, sort))}>
          {column.header}
          <Icon size={14} aria-hidden data-idle={!order || undefined} />
        </UnstyledButton>
      ) : column.bare ? (
        <span className="visually-hidden">{column.header}</span>
      ) : (
        <Text span inherit>
          {column.header}
        </Text>
      )}
    </th>
  )
}

function orderOf<T>(column: Column<T>, sort: string | undefined): 'asc' | 'desc' | undefined {
  if (!column.sort || !sort) return undefined
  if (sort === column.sort) return 'asc'
  return sort === `-${column.sort}` ? 'desc' : undefined
}

export function nextSort<T>(column: Column<T>, sort: string | undefined): string {
  const order = orderOf(column, sort)
  const wanted = order ? (order === 'asc' ? 'desc' : 'asc') : (column.first ?? 'asc')
  return wanted === 'asc' ? `${column.sort}` : `-${column.sort}`
}

/** Cards have no header row to click. */
function SortSelect<T>({
  columns,
  sort,
  onSort,
}: {
  columns: Column<T>[]
  sort: string
  onSort: (sort: string) => void
}) {
  const data = columns
    .filter((column) => column.sort)
    .flatMap((column) => [
      { value: `${column.sort}`, label: `${column.header}, ascending` },
      { value: `-${column.sort}`, label: `${column.header}, descending` },
    ])
  return (
    <Box hiddenFrom="md" px="md" pb="sm">
      <NativeSelect
        label="Sort by"
        data={data}
        value={sort}
        onChange={(event) => onSort(event.currentTarget.value)}
      />
    </Box>
  )
}

/** Two lines in one cell: what it is, and a detail of it. */
export function TwoLines({ first, second }: { first: ReactNode; second?: ReactNode }) {
  return (
    <div className={c.two}>
      <div className={c.first}>{first}</div>
      {second && (
        <Text size="xs" c="dimmed" truncate>
          {second}
        </Text>
      )}
    </div>
  )
}
