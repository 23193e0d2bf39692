// Tables tell screen readers their order, and ask for another one by the server's names.
import { MantineProvider } from '@mantine/core'
import { cleanup, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { type Column, DataTable, nextSort } from './data-table'

afterEach(cleanup)

type Row = { name: string; size: number }
const columns: Column<Row>[] = [
  { key: 'name', header: 'Name', sort: 'name', names: true, cell: (row) => row.name },
  {
    key: 'size',
    header: 'Size',
    sort: 'size',
    first: 'desc',
    align: 'end',
    cell: (row) => row.size,
  },
  { key: 'note', header: 'Note', cell: () => '-' },
]

test('the sorted column says so, and a click asks for another order', async () => {
  const onSort = vi.fn()
  render(
    <MantineProvider>
      <DataTable
        caption="Things"
        columns={columns}
        rows={[{ name: 'a', size: 1 }]}
        rowKey={(row) => row.name}
        sort="-size"
        onSort={onSort}
      />
    </MantineProvider>,
  )
  expect(screen.getByRole('table', { name: 'Things' })).toBeTruthy()
  const headers = screen.getAllByRole('columnheader')
  expect(headers.map((header) => header.getAttribute('aria-sort'))).toEqual([
    null,
    'descending',
    null,
  ])
  await userEvent.setup().click(screen.getByRole('button', { name: 'Size' }))
  expect(onSort).toHaveBeenCalledWith('size')
})

test('numbers begin with the largest, names with A, and a second click turns round', () => {
  const [name, size] = columns as [Column<Row>, Column<Row>]
  expect(nextSort(size, 'name')).toBe('-size')
  expect(nextSort(size, '-size')).toBe('size')
  expect(nextSort(name, '-size')).toBe('name')
  expect(nextSort(name, 'name')).toBe('-name')
})
