// A report as a file: the whole of it as PDF, or one of its tables as workbook or CSV.
import { Button, Group, NativeSelect } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { getRouteApi } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { asAppError } from '~/api/errors'
import { rangeOf } from './months'
import { type ReportName, type TableName, useExport } from './queries'

const route = getRouteApi('/_app/owner/reports')

const TABLES: Record<ReportName, [TableName, string][]> = {
  overview: [['statuses', 'Companies by status']],
  usage: [
    ['by_active_minutes', 'By active time'],
    ['by_screenshots', 'By screenshots'],
    ['by_storage', 'By storage'],
  ],
  plans: [['plans', 'Companies by plan']],
  revenue: [
    ['months', 'MRR by month'],
    ['revenue', 'MRR and ARR'],
    ['plan_revenue', 'MRR by plan'],
    ['logos', 'Paying companies'],
    ['trials', 'Trials'],
    ['cohorts', 'Cohorts, companies'],
    ['revenue_cohorts', 'Cohorts, MRR'],
  ],
  growth: [
    ['growth', 'Companies and use'],
    ['mrr', 'MRR'],
  ],
}
const SHEETS = { xlsx: 'Excel', csv: 'CSV' } as const

export function ExportReport({ report }: { report: ReportName }) {
  const search = route.useSearch()
  const [what, setWhat] = useState('pdf')
  const file = useExport()
  function save() {
    const [kind, name] = what.split(' ')
    const format = kind === 'xlsx' || kind === 'csv' ? kind : 'pdf'
    const table = TABLES[report].find(([known]) => known === name)?.[0]
    const range = report === 'usage' ? {} : rangeOf(search)
    const currency = report === 'revenue' && search.in ? { currency: search.in } : {}
    file.mutate(
      { report, format, ...range, ...currency, ...(table ? { table } : {}) },
      {
        onError: (error) => {
          const { title, detail } = asAppError(error)
          notifications.show({
            color: 'red',
            title: 'Nothing was exported',
            message: detail ?? title,
          })
        },
      },
    )
  }
  return (
    <Group gap="xs" align="flex-end">
      <NativeSelect
        label="File"
        value={what}
        onChange={({ currentTarget: { value } }) => setWhat(value)}
        data={[
          { value: 'pdf', label: 'All of it as PDF' },
          ...(['xlsx', 'csv'] as const).flatMap((format) =>
            TABLES[report].map(([table, label]) => ({
              value: `${format} ${table}`,
              label: `${label} as ${SHEETS[format]}`,
            })),
          ),
        ]}
      />
      <Button
        variant="default"
        leftSection={<Download size={16} aria-hidden />}
        loading={file.isPending}
        onClick={save}
      >
        Export
      </Button>
    </Group>
  )
}
