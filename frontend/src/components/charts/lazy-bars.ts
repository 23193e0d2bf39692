// The chart library arrives after the page it stands on.
import { lazy } from 'react'

export const Bars = lazy(() => import('./bars'))
