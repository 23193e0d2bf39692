// One page of a list whose place is the server's cursor in the address, and the way to the next.
import { DataTable, type DataTableProps } from './data-table'
import { Pager, type PagerProps } from './pager'

type PagedTableProps<T> = Omit<DataTableProps<T>, 'rows'> &
  Pick<PagerProps, 'cursor' | 'onGo'> & {
    page: { items: T[]; next_cursor?: string | null }
  }

export function PagedTable<T>({ page, cursor, onGo, ...table }: PagedTableProps<T>) {
  return (
    <>
      <DataTable {...table} rows={page.items} />
      <Pager shown={page.items.length} cursor={cursor} next={page.next_cursor} onGo={onGo} />
    </>
  )
}
