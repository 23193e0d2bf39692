// Who works now: groups, what happens while the page is looked at, and when nobody looks.
import type { Page } from '@playwright/test'
import { expectAccessible } from './a11y'
import { breakPath, expect, test } from './world'

const group = (name: string) => ({ name, exact: true })

test('people stand in four groups, found by name and team', async ({ page, open }) => {
  await open('/live', { as: 'ADMIN' })
  const working = page.getByRole('table', group('Working'))
  await expect(working.getByRole('row').nth(1)).toContainText('Ada Brandt')
  await expect(page.getByRole('table', group('Private')).getByRole('row')).toHaveCount(2)
  await expect(page.getByRole('columnheader', { name: 'No input since' })).toBeVisible()
  await page.getByRole('combobox', { name: 'Team' }).selectOption('Sales')
  await expect(page).toHaveURL(/\/live\?team=/)
  await expect(page.getByRole('link', { name: 'Ada Brandt' })).toBeHidden()
  await page.getByRole('combobox', { name: 'Team' }).selectOption('In no team')
  await expect(page).toHaveURL(/\?team=none$/)
  await page.getByRole('combobox', { name: 'Team' }).selectOption('Any team')
  await page.getByRole('searchbox', { name: 'Search people' }).fill('ada')
  await expect(page.getByRole('link', { name: 'Ada Brandt' })).toBeVisible()
  await expect(page.getByRole('table')).toHaveCount(1)
  await page.reload()
  await expect(page.getByRole('searchbox', { name: 'Search people' })).toHaveValue('ada')
  await page.getByRole('link', { name: 'Ada Brandt' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Ada Brandt' })).toBeVisible()
})

test('whoever works at a task says so, and it opens', async ({ page, open }) => {
  await open('/live', { as: 'ADMIN' })
  const ada = page.getByRole('table', group('Working')).getByRole('row', { name: /Ada Brandt/ })
  await ada.getByRole('link', { name: /Answer what came in/ }).click()
  await expect(page).toHaveURL(/\/tasks\?task=/)
})

test('for a wall there are numbers and names, until Escape', async ({ page, open }) => {
  await open('/live', { as: 'ADMIN' })
  await page.getByRole('link', { name: 'For a wall' }).click()
  await expect(page).toHaveURL(/\/live\?wall=true$/)
  const wall = page.getByRole('dialog', { name: 'Live, for a wall' })
  await expect(wall.getByRole('listitem').filter({ hasText: 'Ada Brandt' })).toContainText(
    'Working',
  )
  await expect(wall).not.toContainText('Answer what came in')
  await page.setViewportSize({ width: 390, height: 800 })
  const widths = await wall.evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])
  expect(widths[0]).toBe(widths[1])
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(/\/live$/)
  await expect(page.getByRole('table', group('Working'))).toBeVisible()
})

/** Counts the calls, and says which of them named what they know. */
function watch(page: Page) {
  const seen: (string | undefined)[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/live')
      seen.push(request.headers()['if-none-match'])
  })
  return seen
}

/** As the browser says it when the reader goes to another tab and comes back. */
const show = (page: Page, state: 'hidden' | 'visible') =>
  page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  }, state)

test('what is known is named, and sent again only when it has changed', async ({ page, open }) => {
  const world = await open('/live', { as: 'ADMIN' })
  await expect(page.getByRole('link', { name: 'Ada Brandt' })).toBeVisible()
  const answers: number[] = []
  page.on('response', (response) => {
    if (new URL(response.url()).pathname === '/api/live') answers.push(response.status())
  })
  const calls = watch(page)
  const again = async () => {
    await show(page, 'hidden')
    await show(page, 'visible')
  }
  await again()
  await expect.poll(() => answers).toEqual([304])
  expect(calls).toEqual([expect.stringMatching(/^W\/"/)])
  const ada = world.people_now.find(({ name }) => name === 'Ada Brandt')
  Object.assign(ada ?? {}, { state: 'private' })
  await again()
  await expect.poll(() => answers).toEqual([304, 200])
  await expect(page.getByRole('table', group('Private'))).toContainText('Ada Brandt')
})

test('nobody asks while the tab is hidden', async ({ page, open }) => {
  test.setTimeout(90_000)
  await open('/live', { as: 'ADMIN' })
  await expect(page.getByRole('link', { name: 'Ada Brandt' })).toBeVisible()
  const calls = watch(page)
  await show(page, 'hidden')
  await page.waitForTimeout(20_000)
  expect(calls).toEqual([])
  await show(page, 'visible')
  await expect.poll(() => calls.length).toBe(1)
  // And by itself from then on.
  await expect.poll(() => calls.length, { timeout: 30_000 }).toBe(2)
})

test('nobody moves under the pointer', async ({ page, open }) => {
  const world = await open('/live', { as: 'ADMIN' })
  const working = page.getByRole('table', group('Working'))
  const ada = page.getByRole('link', { name: 'Ada Brandt' })
  await expect(ada).toBeVisible()
  await page.waitForLoadState('networkidle')
  await ada.hover()
  const at = await ada.boundingBox()
  Object.assign(world.people_now[0] ?? {}, { state: 'idle' })
  await page.mouse.move((at?.x ?? 0) + 4, (at?.y ?? 0) + 4)
  await show(page, 'hidden')
  await show(page, 'visible')
  const row = working.getByRole('row', { name: /Ada Brandt/ })
  await expect(row).toContainText('Now idle')
  const still = await ada.boundingBox()
  // Another row is 48 pixels away; fonts that come late move it by two.
  expect(Math.abs((still?.y ?? 0) - (at?.y ?? 0))).toBeLessThan(10)
  await page.mouse.move(2, 2)
  await expect(page.getByRole('table', group('Idle'))).toContainText('Ada Brandt')
  await expect(working).not.toContainText('Ada Brandt')
})

test('a thousand people are as few rows as fit the window', async ({ page, open }) => {
  await open('/live', { as: 'ADMIN', crowd: 1000 })
  const rows = page.locator('tr[data-row]')
  await expect(rows.first()).toBeVisible()
  await expect(page.getByRole('table', group('Working'))).toHaveAttribute('aria-rowcount', /\d{3}/)
  expect(await rows.count()).toBeLessThan(150)
  expect(await page.locator('*').count()).toBeLessThan(3000)
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight))
  await expect(page.getByRole('table', group('Offline'))).toContainText('Person 0995')
  expect(await rows.count()).toBeLessThan(150)
  await expectAccessible(page, 'a thousand')
})

test('an old answer is not called live, and a refusal shows nothing', async ({ page, open }) => {
  await open('/live', { as: 'ADMIN' })
  await expect(page.getByText('Live, 0 s ago')).toBeVisible()
  const mend = await breakPath(page, '**/api/live*', 500, 'internal')
  await show(page, 'hidden')
  await show(page, 'visible')
  await expect(page.getByText('trying again')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Ada Brandt' })).toBeVisible()
  await page.clock.setFixedTime(new Date('2026-11-20T14:22:10Z'))
  await expect(page.getByText('Not live: 2 minutes old')).toBeVisible()
  await expectAccessible(page, 'stale')
  await mend()
  await breakPath(page, '**/api/live*', 403, 'forbidden')
  await show(page, 'hidden')
  await show(page, 'visible')
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Ada Brandt' })).toBeHidden()
})

test('an empty company, a team of nobody, and somebody who may not look', async ({
  page,
  open,
}) => {
  await open('/live', { as: 'ADMIN', empty: true })
  await expect(page.getByText('No agent has been heard yet')).toBeVisible()
  await expectAccessible(page, 'empty')
  await open('/live?team=00000000-0000-4000-8000-000000000000', { as: 'ADMIN' })
  await page.getByRole('link', { name: 'Clear filters' }).click()
  await expect(page.getByRole('link', { name: 'Ada Brandt' })).toBeVisible()
  await open('/live', { as: 'EMPLOYEE' })
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Live')
})

test('the numbers are read out to whoever asks for it', async ({ page, open }) => {
  await open('/live', { as: 'ADMIN' })
  await page.getByRole('checkbox', { name: /Read out/ }).check()
  await expect(page.getByRole('status').filter({ hasText: /working, \d+ idle/ })).toBeAttached()
})
