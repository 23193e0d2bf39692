// What is in force for one person, and where each value comes from.
import { Card, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { EffectiveSettings } from '~/api/types'
import { type Column, DataTable } from '~/components/data-table'
import { Loaded } from '~/components/loaded'
import { count, duration } from '~/lib/format'
import { settingsQuery } from './queries'

type Row = { key: string; name: string; value: string; source: string }

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const SOURCES: Record<string, string> = { company: 'Company', plan: 'The plan' }

const COLUMNS: Column<Row>[] = [
  { key: 'name', header: 'Setting', names: true, cell: ({ name }) => name },
  { key: 'value', header: 'In force', cell: ({ value }) => value },
  { key: 'source', header: 'Comes from', cell: ({ source }) => SOURCES[source] ?? source },
]

export default function SettingsTab({ id }: { id: string }) {
  const settings = useQuery(settingsQuery(id))
  return (
    <Card p={0} component="section" aria-label="Settings in force">
      <Stack gap={2} p="md">
        <Title order={2} size="h5">
          Settings in force
        </Title>
        <Text size="sm" c="dimmed">
          What this person’s agent is told, and where each value comes from.
        </Text>
      </Stack>
      <Loaded query={settings} skeleton={<Skeleton h={320} m="md" w="auto" />}>
        {(values) => (
          <DataTable
            caption="Settings in force"
            columns={COLUMNS}
            rows={rowsOf(values)}
            rowKey={(row) => row.key}
          />
        )}
      </Loaded>
    </Card>
  )
}

function rowsOf(values: EffectiveSettings): Row[] {
  const row = <K extends keyof EffectiveSettings>(
    key: K,
    name: string,
    say: (value: EffectiveSettings[K]['value']) => string,
  ): Row => ({ key, name, value: say(values[key].value), source: values[key].source })
  const yes = (value: boolean) => (value ? 'Yes' : 'No')
  const text = (value: string) => value
  return [
    row('screenshots_enabled', 'Screenshots', yes),
    row('screenshot_interval_seconds', 'A screenshot every', duration),
    row('blur_screenshots', 'Screenshots are blurred on the device', yes),
    row('originals_shown', 'Admins may open originals', yes),
    row('idle_threshold_seconds', 'Idle after', duration),
    row('tracking_days', 'Days', (days) => days.map((day) => DAYS[day - 1]).join(', ') || 'None'),
    row('tracking_from', 'From', text),
    row('tracking_to', 'To', text),
    row('time_zone', 'Time zone', text),
    row('record_titles', 'Window titles are kept', yes),
    row('record_paths', 'Pages of sites are kept', yes),
    row('redaction_rules', 'Patterns taken out of titles', count),
    row('employees_may_delete_screenshots', 'May delete own screenshots', yes),
  ]
}
