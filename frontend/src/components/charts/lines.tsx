// Lines over months.
import '@mantine/charts/styles.css'
import { LineChart, type LineChartProps } from '@mantine/charts'
import { useReducedMotion } from '@mantine/hooks'

type LinesProps = Pick<LineChartProps, 'data' | 'series' | 'valueFormatter'> & {
  label: string
  dataKey: string
  height?: number
  tick?: (value: number) => string
}

export function Lines({ label, height = 260, tick, valueFormatter, ...chart }: LinesProps) {
  const still = useReducedMotion()
  return (
    <LineChart
      {...chart}
      h={height}
      curveType="linear"
      connectNulls={false}
      withLegend={chart.series.length > 1}
      legendProps={{ verticalAlign: 'bottom' }}
      valueFormatter={valueFormatter}
      tickLine="none"
      xAxisProps={{ interval: 'equidistantPreserveStart', minTickGap: 16 }}
      yAxisProps={{ width: 64, tickFormatter: tick, interval: 0, allowDecimals: false }}
      lineProps={{ isAnimationActive: !still }}
      lineChartProps={{ title: label, margin: { top: 12 } }}
    />
  )
}
