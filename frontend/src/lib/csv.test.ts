// CSV that spreadsheets read as data and never as formulas.
import { expect, test } from 'vitest'
import { toCsv } from './csv'

const columns = [
  { header: 'Name', value: (row: { name: string | undefined }) => row.name },
  { header: 'Size', value: () => -3 },
]
const line = (name: string | undefined) => toCsv(columns, [{ name }]).split('\r\n')[1]

test('quotes what needs quoting', () => {
  expect(line('plain')).toBe('plain,-3')
  expect(line('a, "b"')).toBe('"a, ""b""",-3')
  expect(toCsv(columns, [{ name: 'two\nlines' }])).toBe('Name,Size\r\n"two\nlines",-3\r\n')
  expect(line(undefined)).toBe(',-3')
})

test('a text that a spreadsheet would run is disarmed', () => {
  for (const sign of ['=', '+', '-', '@', '\t', '＝'])
    expect(line(`${sign}1+1`)).toContain(`'${sign}`)
})
