// Bars over days, stacked when there are several series. Its own chunk: the chart library comes with it.
import '@mantine/charts/styles.css'
import { BarChart, type BarChartProps } from '@mantine/charts'
import { useReducedMotion } from '@mantine/hooks'

type BarsProps = Pick<BarChartProps, 'data' | 'series' | 'valueFormatter'> & {
  label: string
  dataKey: string
  height?: number
  tick?: (value: number) => string
  /** Several series stand beside each other, not upon. */
  beside?: boolean
}

export default function Bars({
  label,
  height = 260,
  tick,
  beside,
  valueFormatter,
  ...chart
}: BarsProps) {
  const still = useReducedMotion()
  return (
    <BarChart
      {...chart}
      h={height}
      type={beside ? 'default' : 'stacked'}
      withLegend={chart.series.length > 1}
      legendProps={{ verticalAlign: 'bottom' }}
      valueFormatter={valueFormatter}
      tickLine="none"
      maxBarWidth={32}
      xAxisProps={{ interval: 'equidistantPreserveStart', minTickGap: 16 }}
      yAxisProps={{ width: 56, tickFormatter: tick, allowDecimals: false, interval: 0 }}
      barProps={{ radius: 3, isAnimationActive: !still }}
      barChartProps={{ title: label, margin: { top: 12 } }}
      cursorFill="var(--tracker-tint)"
    />
  )
}
