// The report's first figure over the days, weeks or months, beside the same of the days before.
import { Text } from '@mantine/core'
import type { Report } from '~/api/types'
import { ChartCard } from '~/components/charts/chart-card'
import { Bars } from '~/components/charts/lazy-bars'
import { duration } from '~/lib/format'
import { addDays, daysBetween, formatDay, zoneLabel } from '~/lib/time'
import { keyWord } from './columns'
import { KINDS } from './words'

const HEIGHT = 240

/** Every day of the stretch; of weeks and months those that have any. */
function points({ chart, chart_unit, days }: Report) {
  if (chart_unit !== 'day') return chart
  const known = new Map(chart.map((point) => [point.day, point]))
  return daysBetween(days.from, days.to).map((day) => known.get(day) ?? { day, value: 0 })
}

export function ReportChart({ report }: { report: Report }) {
  const { previous_days, days, chart_unit } = report
  const { question } = KINDS[report.kind]
  const word = (day: string) =>
    chart_unit === 'day'
      ? formatDay(day, 'chart')
      : chart_unit === 'week'
        ? formatDay(day > days.from ? day : days.from, 'chart')
        : keyWord(chart_unit, { day })
  const made = points(report)
  const before = previous_days ? [{ name: 'before', label: 'Before', color: 'gray.5' }] : []
  return (
    <ChartCard
      title={question}
      note={`From ${formatDay(days.from)} to ${formatDay(days.to)}, days of ${zoneLabel(report.time_zone)}${
        previous_days
          ? `, beside ${formatDay(previous_days.from)} to ${formatDay(previous_days.to)}`
          : ''
      }`}
      height={HEIGHT}
      table={
        report.chart.length
          ? {
              head: [
                chart_unit === 'day' ? 'Day' : chart_unit === 'week' ? 'Week' : 'Month',
                'Time',
                ...(previous_days ? ['Before'] : []),
              ],
              rows: made.map(({ day, value, previous }) => [
                chart_unit === 'week'
                  ? `${formatDay(day)} – ${formatDay(addDays(day, 6))}`
                  : chart_unit === 'day'
                    ? formatDay(day)
                    : word(day),
                duration(value),
                ...(previous_days ? [duration(previous ?? 0)] : []),
              ]),
            }
          : undefined
      }
    >
      {report.chart.length === 0 ? (
        <Text c="dimmed" ta="center" py={80}>
          Nothing was recorded in these days.
        </Text>
      ) : (
        <Bars
          label={question}
          height={HEIGHT}
          beside
          data={made.map(({ day, value, previous }) => ({
            day: word(day),
            now: value / 3600,
            before: (previous ?? 0) / 3600,
          }))}
          dataKey="day"
          series={[
            {
              name: 'now',
              label: previous_days ? 'These days' : 'Time',
              color: 'var(--tracker-bar)',
            },
            ...before,
          ]}
          // In hours, so that the axis has whole ones.
          valueFormatter={(hours) => duration(Math.round(hours * 3600))}
          tick={(hours) => `${hours} h`}
        />
      )}
    </ChartCard>
  )
}
