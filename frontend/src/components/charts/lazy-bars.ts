// The chart library arrives after the page it stands on.
import { lazy } from 'react'

export const Bars = lazy(() => import('./bars'))

// Few pages draw anything else: these three are one chunk.
const others = () => import('./others')
export const Donut = lazy(() => others().then((charts) => ({ default: charts.Donut })))
export const Lines = lazy(() => others().then((charts) => ({ default: charts.Lines })))
export const Waterfall = lazy(() => others().then((charts) => ({ default: charts.Waterfall })))
