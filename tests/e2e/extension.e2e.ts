// The agent's own extension in a real browser on a virtual desktop: a page that is looked at becomes a visit to its host.
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { chromium, expect, type Page, test } from '@playwright/test'
import { freePort, Stack, stop } from './stack.ts'

/** Extensions need windows; the shell without windows that other tests use has none. */
const BROWSER = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path)) ?? ''
const EXTENSION = resolve(import.meta.dirname, '../../agent/extension')
const HOST = 'handbook.example.test'
const TITLE = 'Handbook of the warehouse'
const PASSWORD = 'demo-demo-demo'

test.skip(!BROWSER, 'there is no Chromium with windows')

let stack: Stack
test.beforeAll(async () => {
  stack = await Stack.make()
})
test.afterAll(async () => {
  await stack.end()
})

/** A page of its own, under whatever path. */
async function site() {
  const server = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<title>${TITLE}</title><p>Read me.</p>`),
  ).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

/** Asks the API as this page's person, and fails on what is no success. */
async function ask(page: Page, token: string, path: string, init: { method?: string; data?: object; etag?: string } = {}) {
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, 'x-requested-with': 'tracker' }
  if (init.etag) headers['if-match'] = init.etag
  const answer = await page.request.fetch(path, { method: init.method ?? 'GET', headers, data: init.data })
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true)
  return answer
}

test('a page in front is a visit to its host, and a page behind it is none', async ({ browser }) => {
  const { url } = await stack.demo()
  const page = await (await browser.newContext({ baseURL: url })).newPage()
  const signedIn = await ask(page, '', '/api/auth/sign-in', {
    method: 'POST',
    data: { email: 'admin@acme.test', password: PASSWORD },
  })
  const { access_token: token } = await signedIn.json()
  const revealed = await ask(page, token, '/api/company-key/reveal', { method: 'POST', data: { password: PASSWORD } })
  const { company_key: key } = await revealed.json()
  const settings = await ask(page, token, '/api/settings')
  await ask(page, token, '/api/settings', {
    method: 'PATCH',
    etag: settings.headers().etag,
    data: { tracking_days: [1, 2, 3, 4, 5, 6, 7], tracking_from: '00:00:00', tracking_to: '23:59:59' },
  })

  const desktop = await stack.desktop('Something else')
  await stack.windowManager(desktop)
  const agent = stack.agent({ DISPLAY: desktop.display })
  await agent.login(url, key, 'employee@acme.test', PASSWORD)
  const port = await freePort()
  const recording = agent.run('--sync-interval', '2', '--activitywatch-port', String(port))
  await expect.poll(async () => (await agent.status()).activitywatch).toBe(`http://127.0.0.1:${port}`)

  const { port: sitePort, close } = await site()
  let looked = 0
  const window = await chromium.launchPersistentContext(join(stack.folder, 'browser'), {
    executablePath: BROWSER,
    headless: false,
    env: { ...process.env, DISPLAY: desktop.display },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      `--disable-extensions-except=${EXTENSION}`,
      `--load-extension=${EXTENSION}`,
      `--host-resolver-rules=MAP ${HOST} 127.0.0.1`,
    ],
  })
  try {
    const worker = window.serviceWorkers()[0] ?? (await window.waitForEvent('serviceworker'))
    await worker.evaluate(`chrome.storage.local.set({ port: ${port} })`)
    const tab = window.pages()[0] ?? (await window.newPage())
    const since = Date.now()
    await tab.goto(`http://${HOST}:${sitePort}/secret/path?token=1`)
    await desktop.xdotool('search', '--sync', '--onlyvisible', '--name', TITLE, 'windowactivate', '--sync')
    for (let second = 0; second < 8; second++) {
      await desktop.xdotool('mousemove', String(100 + second * 20), '300')
      await tab.waitForTimeout(1000)
    }
    // Behind the terminal it is open and not looked at.
    await desktop.xdotool('search', '--onlyvisible', '--name', 'Something else', 'windowactivate', '--sync')
    looked = (Date.now() - since) / 1000
    for (let second = 0; second < 8; second++) {
      await desktop.xdotool('mousemove', String(100 + second * 20), '400')
      await tab.waitForTimeout(1000)
    }
  } finally {
    await window.close()
    close()
  }
  await stop(recording)

  const seen = async () => {
    const hosts = await ask(page, token, `/api/usage?by=host&q=handbook`)
    return (await hosts.json()).items
  }
  await expect.poll(seen, { timeout: 90_000 }).toEqual([{ name: HOST, seconds: expect.any(Number), people: 1 }])
  const [visit] = await seen()
  expect(visit.seconds).toBeGreaterThanOrEqual(4)
  expect(visit.seconds).toBeLessThanOrEqual(looked + 2)
})
