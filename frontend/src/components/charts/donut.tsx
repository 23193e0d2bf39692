// Shares of a whole.
import '@mantine/charts/styles.css'
import { DonutChart, type DonutChartProps } from '@mantine/charts'
import { useReducedMotion } from '@mantine/hooks'

type DonutProps = Pick<DonutChartProps, 'data' | 'chartLabel' | 'valueFormatter'> & {
  label: string
  height?: number
}

export function Donut({ label, height = 240, data, chartLabel, valueFormatter }: DonutProps) {
  const still = useReducedMotion()
  return (
    <DonutChart
      data={data}
      size={height - 60}
      thickness={30}
      paddingAngle={data.length > 1 ? 1 : 0}
      mx="auto"
      h={height}
      withLegend
      legendProps={{ verticalAlign: 'bottom' }}
      chartLabel={chartLabel}
      valueFormatter={valueFormatter}
      tooltipDataSource="segment"
      pieChartProps={{ title: label }}
      pieProps={{ isAnimationActive: !still }}
    />
  )
}
