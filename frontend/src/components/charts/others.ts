// What is drawn besides bars. Its own chunk: the chart library comes with it.
export { Donut } from './donut'
export { Lines } from './lines'
export { Waterfall } from './waterfall'
