// CSV files of what a page shows, made in the browser.

export type CsvColumn<T> = { header: string; value: (row: T) => string | number | undefined | null }

/** RFC 4180; a leading sign that a spreadsheet would run as a formula is disarmed with an apostrophe. */
export function toCsv<T>(columns: CsvColumn<T>[], rows: T[]): string {
  const lines = [
    columns.map((column) => field(column.header)),
    ...rows.map((row) => columns.map((column) => field(column.value(row)))),
  ]
  return `${lines.map((line) => line.join(',')).join('\r\n')}\r\n`
}

function field(value: string | number | undefined | null): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r\0＝＋－＠]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function download(name: string, content: BlobPart, type: string) {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The click only queues the download: the browser may still be opening the address.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
