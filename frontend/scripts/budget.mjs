// What each page costs before anything lazy, gzipped, from the build's manifest; too much fails the build.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const DIST = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', DIST), 'utf8'))
const SPLIT = '?tsr-split=component'
const CHARTS = 'src/components/charts/bars.tsx'

/** kB of JavaScript and CSS: sign-in is what everybody waits for; pages and charts have room to grow. */
const LIMITS = { loginJs: 175, loginCss: 24, pageJs: 265, charts: 135, total: 410 }

const sizes = new Map()
function kilobytes(file) {
  if (!sizes.has(file))
    sizes.set(file, gzipSync(readFileSync(new URL(file, DIST)), { level: 9 }).length / 1000)
  return sizes.get(file)
}

/** Every file that loading these manifest entries brings along. */
function filesOf(keys, files = new Set()) {
  for (const key of keys) {
    const chunk = manifest[key]
    if (!chunk) throw new Error(`${key} is not in the manifest`)
    if (files.has(chunk.file)) continue
    files.add(chunk.file)
    for (const css of chunk.css ?? []) files.add(css)
    filesOf(chunk.imports ?? [], files)
  }
  return files
}

/** A page's own chunk and those of the layouts around it. */
function entriesOf(route) {
  const parts = route.split('/')
  const layouts = parts.map((_, i) => `${parts.slice(0, i + 1).join('/')}.tsx`)
  const dotted = route.replace(/\.[\w-]+$/, '')
  const keys = [...layouts, `${dotted}.tsx`, `${route}.tsx`].map((key) => key + SPLIT)
  return ['index.html', ...new Set(keys.filter((key) => key in manifest))]
}

const sum = (files, end) =>
  [...files]
    .filter((file) => file.endsWith(end))
    .reduce((total, file) => total + kilobytes(file), 0)

const routes = Object.keys(manifest)
  .filter((key) => key.endsWith(SPLIT))
  .map((key) => key.slice(0, -`.tsx${SPLIT}`.length))
  .filter((route) => !/\/(_app|_admin|_me|owner)$/.test(route))
const charts = filesOf([CHARTS])
const tooMuch = []
const check = (what, value, limit) => {
  if (value > limit) tooMuch.push(`${what}: ${value.toFixed(1)} kB, allowed are ${limit} kB`)
}

const shared = filesOf(['index.html'])
const lazy = [...charts].filter((file) => !shared.has(file))
check('charts', sum(lazy, '.js'), LIMITS.charts)
console.log('page'.padEnd(54), 'JS kB'.padStart(8), 'CSS kB'.padStart(8), 'files'.padStart(6))
for (const route of routes) {
  const files = filesOf(entriesOf(route))
  const [js, css] = [sum(files, '.js'), sum(files, '.css')]
  const name = route.replace('src/routes/', '')
  console.log(
    name.padEnd(54),
    js.toFixed(1).padStart(8),
    css.toFixed(1).padStart(8),
    String(files.size).padStart(6),
  )
  check(`${name}, JavaScript`, js, name === 'login' ? LIMITS.loginJs : LIMITS.pageJs)
  if (name === 'login') check('login, CSS', css, LIMITS.loginCss)
  const withCharts = new Set([...files, ...charts])
  check(`${name}, with charts`, sum(withCharts, '.js') + sum(withCharts, '.css'), LIMITS.total)
}
console.log('charts, on top of the first page'.padEnd(54), sum(lazy, '.js').toFixed(1).padStart(8))
if (tooMuch.length) {
  console.error(`Over budget:\n${tooMuch.join('\n')}`)
  process.exit(1)
}
