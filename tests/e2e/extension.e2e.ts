// The agent's own extension in a real browser on a virtual desktop: a page that is looked at becomes a visit to its host.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { expect, test } from '@playwright/test'
import { DEMO_PASSWORD, freePort, Person, Stack, stop, WINDOWED } from './stack.ts'

const EXTENSION = resolve(import.meta.dirname, '../../agent/extension')
const HOST = 'handbook.example.test'
const TITLE = 'Handbook of the warehouse'

test.skip(!WINDOWED, 'there is no Chromium with windows')

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

test('a page in front is a visit to its host, and a page behind it is none', async ({ browser }) => {
  const { url } = await stack.demo()
  const admin = await Person.ofDemo(await (await browser.newContext({ baseURL: url })).newPage(), 'admin@acme.test')
  const revealed = await admin.ask('/api/company-key/reveal', { method: 'POST', data: { password: DEMO_PASSWORD } })
  const { company_key: key } = await revealed.json()
  await admin.recordAllDay()

  const desktop = await stack.desktop('Something else')
  await stack.windowManager(desktop)
  const agent = stack.agent({ DISPLAY: desktop.display })
  await agent.login(url, key, 'employee@acme.test', DEMO_PASSWORD)
  const port = await freePort()
  const recording = agent.run('--sync-interval', '2', '--activitywatch-port', String(port))
  await expect.poll(async () => (await agent.status()).activitywatch).toBe(`http://127.0.0.1:${port}`)

  const { port: sitePort, close } = await site()
  let looked = 0
  const window = await stack.browser(
    desktop,
    `--disable-extensions-except=${EXTENSION}`,
    `--load-extension=${EXTENSION}`,
    `--host-resolver-rules=MAP ${HOST} 127.0.0.1`,
  )
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
    const hosts = await admin.ask('/api/usage?by=host&q=handbook')
    return (await hosts.json()).items
  }
  await expect.poll(seen, { timeout: 90_000 }).toEqual([{ name: HOST, seconds: expect.any(Number), people: 1 }])
  const [visit] = await seen()
  expect(visit.seconds).toBeGreaterThanOrEqual(4)
  expect(visit.seconds).toBeLessThanOrEqual(looked + 2)
})
