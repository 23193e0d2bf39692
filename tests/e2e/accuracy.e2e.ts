// How exact a day is: real windows whose titles change every second, against what the server then tells of them. It also
// prints what the agent costs. ACCURACY_SECONDS asks for a longer look than a minute; `npx playwright test accuracy --no-deps` runs it alone.
import type { ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import { accept, type Desktop, invite, makeCompany, PASSWORD, Person, Stack, stop, WINDOWED } from './stack.ts'

const SECONDS = Number(process.env.ACCURACY_SECONDS ?? 60)
/** A window stays in front for so many of its titles. */
const TURN = 5
/** The least that a company can set. */
const IDLE_THRESHOLD = 30
const SLOT = 60
const EMPLOYEE = 'grace@acme.test'
/** A company's day may be as far from UTC's, in milliseconds. */
const FURTHEST_ZONE = 14 * 3_600_000
/** What a release build may take, in MiB; a debug build takes more. */
const MOST_RESIDENT = process.env.ACCURACY_RELEASE ? 30 : Number.POSITIVE_INFINITY

test.skip(!WINDOWED, 'there is no Chromium with windows')
test.setTimeout((SECONDS + 240) * 1000)

let stack: Stack
test.beforeAll(async () => {
  stack = await Stack.make()
})
test.afterAll(async () => {
  await stack.end()
})

/** A title, and between which two moments it came to the front. */
interface Change {
  title: string
  after: number
  before: number
}

/** Seconds of processor, and MiB now and at most. */
async function costs({ pid }: ChildProcess) {
  const [stat, status] = await Promise.all(['stat', 'status'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')))
  const fields = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ')
  const size = (name: string) => Number(status?.match(new RegExp(`${name}:\\s+(\\d+) kB`))?.[1]) / 1024
  return { processor: (Number(fields[11]) + Number(fields[12])) / 100, resident: size('VmRSS'), peak: size('VmHWM') }
}

/** Moves the pointer, so that the second is active, and gives a window its next title. */
async function retitle(desktop: Desktop, window: string, title: string, step: number) {
  await desktop.xdotool('set_window', '--name', title, window, 'mousemove', String(100 + (step % 50) * 10), '300')
}

test('the timeline is within a second of what was in front', async ({ browser }) => {
  const { url, ownerLink } = await stack.server()
  const page = async () => (await browser.newContext({ baseURL: url })).newPage()
  const [admin, hers] = [await page(), await page()]
  const { key, adminLink } = await makeCompany(await page(), ownerLink, 'Acme', 'ada@acme.test')
  await accept(admin, adminLink, 'Ada Admin')
  await accept(hers, await invite(admin, EMPLOYEE), 'Grace Hopper')
  await expect(hers).toHaveURL(/\/dashboard\/user/)
  await (await Person.on(admin)).recordAllDay({
    idle_threshold_seconds: IDLE_THRESHOLD,
    screenshots_enabled: true,
    screenshot_interval_seconds: SLOT,
    blur_screenshots: true,
  })

  const desktop = await stack.desktop('Terminal')
  await stack.windowManager(desktop)
  const terminal = await desktop.xdotool('search', '--onlyvisible', '--name', '^Terminal$')
  const context = await stack.browser(desktop)
  const tab = context.pages()[0] ?? (await context.newPage())
  await tab.setContent('<title>Browser</title><p>Read me.</p>')
  const website = await desktop.xdotool('search', '--sync', '--onlyvisible', '--name', '^Browser')

  const agent = stack.agent({ DISPLAY: desktop.display })
  await agent.login(url, key, EMPLOYEE, PASSWORD)
  const recording = agent.run('--sync-interval', '2', '--no-activitywatch')
  await expect.poll(async () => (await agent.status()).state).toBe('recording')

  const changes: Change[] = []
  const begin = Date.now()
  const first = await costs(recording)
  for (let step = 0; Date.now() - begin < SECONDS * 1000; step++) {
    const isTerminal = Math.floor(step / TURN) % 2 === 0
    const title = `Title ${step} of ${isTerminal ? 'terminal' : 'browser'}`
    const window = isTerminal ? terminal : website
    const after = Date.now()
    if (step % TURN === 0) await desktop.xdotool('windowactivate', '--sync', window)
    if (isTerminal) await retitle(desktop, terminal, title, step)
    else {
      await tab.evaluate((name) => {
        document.title = name
      }, title)
      await desktop.xdotool('search', '--sync', '--onlyvisible', '--name', title, 'mousemove', String(100 + (step % 50) * 10), '400')
    }
    changes.push({ title, after, before: Date.now() })
    // From here on, so that none is shorter on a busy machine.
    await new Promise((done) => setTimeout(done, 1_000))
  }
  const last = await costs(recording)
  const took = (Date.now() - begin) / 1000
  // Nobody touches anything any more, until there is no doubt.
  await desktop.xdotool('mousemove', '50', '50')
  const left = Date.now()
  await new Promise((done) => setTimeout(done, (IDLE_THRESHOLD + 5) * 1000))
  await stop(recording)

  const employee = await Person.on(hers)
  const around = [begin - FURTHEST_ZONE, begin, Date.now(), Date.now() + FURTHEST_ZONE]
  const days = [...new Set(around.map((at) => new Date(at).toISOString().slice(0, 10)))]
  const recorded: { app: string; title: string; started_at: string; seconds: number }[] = []
  for (const day of days) {
    const timeline = await employee.ask(`/api/timeline?day=${day}`)
    recorded.push(...(await timeline.json()).applications)
  }
  const ours = recorded.filter(({ title }) => /^Title \d+ of (terminal|browser)/.test(title))
  const numbered = ours.map((one) => ({ number: Number(one.title.split(' ')[1]), at: Date.parse(one.started_at) }))
  // A title that nobody saw, as on a machine that let the agent wait for a second, ends with the next one that was seen.
  const off = changes.map(({ after, before }, number) => {
    const at = Math.min(...numbered.filter((one) => one.number >= number).map((one) => one.at))
    return Math.max(after - at, at - before, 0) / 1000
  })
  const unseen = changes.filter(({ title }) => !ours.some((one) => one.title.startsWith(title))).length
  const most = Math.max(...off)
  const mean = off.reduce((sum, one) => sum + one, 0) / off.length
  const share = ((last.processor - first.processor) / took) * 100
  console.log(`${off.length} changes: off by ${mean.toFixed(2)} s, ${most.toFixed(2)} s at most; ${unseen} not seen`)
  console.log(`${share.toFixed(2)} % of a core, ${last.resident.toFixed(1)} MiB resident, ${last.peak.toFixed(1)} MiB at most`)
  expect(off.filter((one) => one > 1).length, String(off)).toBeLessThanOrEqual(off.length / 20)
  expect(unseen).toBeLessThanOrEqual(off.length / 20)
  expect(new Set(ours.map(({ app }) => app.toLowerCase()))).toEqual(new Set(['xterm', 'chromium']))
  expect(last.peak).toBeLessThan(MOST_RESIDENT)

  // The last window stayed in front, but its time ends with the last input: idle time reaches back.
  const end = Math.max(...ours.map((one) => Date.parse(one.started_at) + one.seconds * 1000))
  expect(Math.abs(end - left)).toBeLessThan(3_000)

  const pictures = []
  for (const day of days) pictures.push(...(await (await employee.ask(`/api/screenshots?day=${day}`)).json()).items)
  const taken = pictures.filter((one) => Date.parse(one.taken_at) >= begin - 1_000)
  expect(taken.length).toBeGreaterThanOrEqual(Math.floor(SECONDS / SLOT))
  expect(taken.every((one) => one.blurred && Date.parse(one.taken_at) <= left + IDLE_THRESHOLD * 1000 + 1_000)).toBe(true)
  const slots = taken.map((one) => Math.floor(Date.parse(one.taken_at) / (SLOT * 1000)))
  expect(new Set(slots).size, 'one in each slot').toBe(slots.length)
  const picture = await employee.ask(`/api/screenshots/${taken[0].id}/image`)
  const sharpest = await hers.evaluate(
    async (bytes) => {
      const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: 'image/webp' }))
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
      const context = canvas.getContext('2d')
      context?.drawImage(bitmap, 0, 0)
      const { data } = context?.getImageData(0, 0, bitmap.width, bitmap.height) ?? { data: [] as number[] }
      let step = 0
      for (let at = 4; at < data.length; at += 4) {
        if ((at / 4) % bitmap.width) step = Math.max(step, Math.abs((data[at] ?? 0) - (data[at - 4] ?? 0)))
      }
      return step
    },
    [...(await picture.body())],
  )
  // The edge of a letter is a step of more than a hundred.
  expect(sharpest).toBeLessThan(40)
})
