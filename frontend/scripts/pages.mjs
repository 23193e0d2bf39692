// How long a cold visit takes on a slow phone: the real server with demo data behind a slow 4G line (1.6 Mbit/s, 150 ms)
// and a processor four times slower; medians of several visits, each in a browser that has nothing cached.
// `make pages` runs it; RUNS and URL (a server that runs already, with the demo) may be set.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target')
const RUNS = Number(process.env.RUNS ?? 3)
const SLOW_4G = {
  offline: false,
  latency: 150,
  downloadThroughput: 1_600_000 / 8,
  uploadThroughput: 750_000 / 8,
}
const CPU = 4
const PASSWORD = 'demo-demo-demo'

/** The promises, in seconds. What lies behind a sign-in may take longer: it waits for the session and for data. */
const LIMITS = { 'sign-in': 2.5, others: 3.0 }

const [OWNER, ADMIN, EMPLOYEE] = ['owner@demo.test', 'admin@acme.test', 'employee@acme.test']
const PAGES = [
  { name: 'sign-in', path: '/login' },
  { name: 'companies', path: '/owner/dashboard', as: OWNER },
  { name: 'overview', path: '/dashboard/admin', as: ADMIN },
  { name: 'employees', path: '/employees', as: ADMIN },
  { name: 'employee', path: '/employees', as: ADMIN, link: /^\/employees\/[0-9a-f-]+$/ },
  { name: 'my day', path: '/dashboard/user', as: EMPLOYEE },
]

async function freePort() {
  const socket = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => socket.once('listening', done))
  const { port } = socket.address()
  await new Promise((done) => socket.close(done))
  return port
}

/** A server with demo data in a folder of its own. */
async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), 'tracker-pages-'))
  const child = spawn(
    join(TARGET, process.env.PROFILE ?? 'debug', 'tracker'),
    ['serve', '--demo'],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        PORT: String(await freePort()),
        DATA_DIR: join(folder, 'data'),
        FRONTEND_DIR: process.env.FRONTEND_DIR ?? join(ROOT, 'frontend/dist'),
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const ended = new Promise((done) => child.once('exit', done))
  const url = await new Promise((ready, fail) => {
    child.stdout.on('data', (text) => {
      const address = /^ready (\S+)/m.exec(String(text))?.[1]
      if (address) ready(address)
    })
    child.once('exit', () => fail(new Error('the server ended')))
  })
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  return { url, stop }
}

/** What a browser keeps of somebody who signed in at full speed. */
async function signedIn(browser, url, email) {
  const context = await browser.newContext({ baseURL: url })
  const page = await context.newPage()
  await page.goto('/login')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((address) => address.pathname !== '/login')
  await page.waitForLoadState('networkidle')
  return { context, page }
}

/** One cold visit. The state that it leaves belongs to the next one: sessions are renewed by each. */
async function visit(browser, url, path, state) {
  const context = await browser.newContext({
    baseURL: url,
    ...(state ? { storageState: state } : {}),
  })
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  const files = new Map()
  await devtools.send('Network.enable')
  await devtools.send('Network.emulateNetworkConditions', SLOW_4G)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU })
  devtools.on('Network.responseReceived', ({ requestId, response, type }) =>
    files.set(requestId, { url: response.url, type, bytes: 0 }),
  )
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength, timestamp }) =>
    Object.assign(files.get(requestId) ?? {}, { bytes: encodedDataLength, at: timestamp }),
  )
  await page.addInitScript(() => {
    const seen = { lcp: 0, shift: 0, of: '' }
    Object.assign(window, { seen })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        seen.lcp = entry.startTime
        seen.of = entry.element?.textContent?.slice(0, 40) ?? entry.url ?? ''
      }
    }).observe({ type: 'largest-contentful-paint', buffered: true })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(path, { waitUntil: 'load' })
  await page.waitForLoadState('networkidle')
  const { lcp, shift, of } = await page.evaluate(() => window.seen)
  const first = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  )
  const all = [...files.values()]
  const kilobytes = (type) =>
    all.filter((file) => file.type === type).reduce((sum, { bytes }) => sum + bytes, 0) / 1000
  const next = state && (await context.storageState())
  await context.close()
  return {
    state: next,
    lcp: lcp / 1000,
    first: first / 1000,
    shift,
    of,
    js: kilobytes('Script'),
    css: kilobytes('Stylesheet'),
    font: kilobytes('Font'),
    requests: all.length,
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

const server = process.env.URL
  ? { url: process.env.URL, stop: async () => {} }
  : await startServer()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
})
const report = {}
let late = false
try {
  const states = new Map()
  const links = new Map()
  for (const email of [OWNER, ADMIN, EMPLOYEE]) {
    const { context, page } = await signedIn(browser, server.url, email)
    for (const { path, name, link } of PAGES.filter(
      (candidate) => candidate.as === email && candidate.link,
    )) {
      await page.goto(path)
      await page.locator('main a[href^="/employees/"]').first().waitFor()
      const hrefs = await page
        .locator('main a')
        .evaluateAll((anchors) => anchors.map((anchor) => anchor.getAttribute('href')))
      links.set(
        name,
        hrefs.find((href) => link.test(href)),
      )
      await page.waitForLoadState('networkidle')
    }
    states.set(email, await context.storageState())
    await context.close()
  }
  console.log(
    'page'.padEnd(12),
    ...['LCP s', 'first s', 'shift', 'JS kB', 'CSS kB', 'fonts kB', 'files'].map((head) =>
      head.padStart(9),
    ),
  )
  for (const { name, path, as } of PAGES) {
    const runs = []
    for (let tries = 0; runs.length < RUNS; tries++) {
      if (tries === 3 * RUNS) throw new Error(`${name} does not say when it was painted`)
      const { state, ...run } = await visit(
        browser,
        server.url,
        links.get(name) ?? path,
        states.get(as),
      )
      if (state) states.set(as, state)
      // Now and then the browser does not say in time: that visit was not fast, but unknown.
      if (run.lcp) runs.push(run)
    }
    const of = (key) => median(runs.map((run) => run[key]))
    const row = {
      lcp_s: Number(of('lcp').toFixed(2)),
      all_lcp_s: runs.map(({ lcp }) => Number(lcp.toFixed(2))),
      first_paint_s: Number(of('first').toFixed(2)),
      layout_shift: Number(of('shift').toFixed(3)),
      js_kb: Number(of('js').toFixed(1)),
      css_kb: Number(of('css').toFixed(1)),
      fonts_kb: Number(of('font').toFixed(1)),
      requests: of('requests'),
      largest: runs[0].of,
    }
    report[name] = row
    const limit = LIMITS[name] ?? LIMITS.others
    if (row.lcp_s > limit) late = true
    console.log(
      name.padEnd(12),
      ...[
        row.lcp_s.toFixed(2),
        row.first_paint_s.toFixed(2),
        row.layout_shift.toFixed(3),
        row.js_kb.toFixed(1),
        row.css_kb.toFixed(1),
        row.fonts_kb.toFixed(1),
        String(row.requests),
      ].map((value) => value.padStart(9)),
      row.lcp_s > limit ? ` over ${limit.toFixed(1)} s` : '',
    )
  }
} finally {
  await browser.close()
  await server.stop()
}
mkdirSync(join(TARGET, 'report'), { recursive: true })
writeFileSync(join(TARGET, 'report/pages.json'), `${JSON.stringify(report, null, 2)}\n`)
if (late) process.exitCode = 1
