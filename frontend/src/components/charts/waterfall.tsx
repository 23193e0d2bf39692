// From one amount to another, step by step.
import '@mantine/charts/styles.css'
import { BarChart } from '@mantine/charts'
import { useMediaQuery, useReducedMotion } from '@mantine/hooks'

/** A step adds or takes; a sum stands by itself. */
export type Step = { name: string; value: number; kind: 'sum' | 'more' | 'less' }

const COLORS = {
  sum: 'var(--tracker-bar)',
  more: 'var(--tracker-active)',
  less: 'var(--tracker-less)',
}

type WaterfallProps = {
  label: string
  steps: Step[]
  height?: number
  tick: (value: number) => string
}

export function Waterfall({ label, steps, height = 280, tick }: WaterfallProps) {
  const still = useReducedMotion()
  const narrow = useMediaQuery('(max-width: 48em)')
  return (
    <BarChart
      h={height}
      type="waterfall"
      // The library writes into what it is given.
      data={steps.map(({ name, value, kind }) => ({
        step: name,
        amount: value,
        color: COLORS[kind],
        standalone: kind === 'sum',
      }))}
      dataKey="step"
      series={[{ name: 'amount', color: COLORS.sum }]}
      withTooltip={false}
      tickLine="none"
      maxBarWidth={56}
      // Side by side the names of the steps would run into each other on a phone.
      xAxisProps={{ interval: 0, ...(narrow ? { angle: -40, textAnchor: 'end', height: 72 } : {}) }}
      yAxisProps={{ width: 64, tickFormatter: tick, interval: 0 }}
      barProps={{ radius: 3, isAnimationActive: !still }}
      barChartProps={{ title: label, margin: { top: 12 } }}
    />
  )
}
