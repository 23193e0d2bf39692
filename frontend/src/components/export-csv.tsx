// What the page shows, as a CSV file.
import { Button } from '@mantine/core'
import { Download } from 'lucide-react'
import { type CsvColumn, download, toCsv } from '~/lib/csv'
import { plural } from '~/lib/format'

type ExportCsvProps<T> = { name: string; columns: CsvColumn<T>[]; rows: T[] | undefined }

export function ExportCsv<T>({ name, columns, rows }: ExportCsvProps<T>) {
  return (
    <Button
      variant="default"
      leftSection={<Download size={16} aria-hidden />}
      disabled={!rows?.length}
      aria-label={`Export CSV, ${plural(rows?.length ?? 0, 'row')}`}
      onClick={() => download(`${name}.csv`, `\ufeff${toCsv(columns, rows ?? [])}`, 'text/csv')}
    >
      Export CSV
    </Button>
  )
}
