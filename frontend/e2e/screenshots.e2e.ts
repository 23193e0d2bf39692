// The gallery: whose pictures, why there are none, originals with a reason that the person reads, and deleting one.
import type { Page } from '@playwright/test'
import { expectAccessible, expectNoSideScroll } from './a11y'
import { ADA } from './pages'
import { breakPath, expect, test } from './world'

const shots = (page: Page) => page.getByRole('button', { name: /^Open screenshot/ })
const lightbox = (page: Page) => page.getByRole('dialog', { name: /^Screenshot \d+ of/ })

test('an admin chooses a person, a day and filters, all of it in the address', async ({
  page,
  open,
}) => {
  await open('/dashboard/admin', { as: 'ADMIN' })
  await page.getByRole('link', { name: 'Screenshots' }).click()
  await expect(page).toHaveTitle('Screenshots - Acme Ltd')
  await expect(page.getByText('Whose pictures?')).toBeVisible()
  const person = page.getByRole('combobox', { name: 'Person' })
  await person.fill('ada')
  await page.getByRole('option', { name: 'Ada Brandt' }).click()
  await expect(page).toHaveURL(new RegExp(`person=${ADA}`))
  await expect(shots(page).first()).toBeVisible()
  const all = await shots(page).count()
  await page.getByRole('combobox', { name: 'Blurred', exact: true }).selectOption('yes')
  await expect(page).toHaveURL(/blurred=yes/)
  await expect(shots(page)).not.toHaveCount(all)
  await page.reload()
  await expect(person).toHaveValue('Ada Brandt')
  await expect(page.getByRole('combobox', { name: 'Blurred', exact: true })).toHaveValue('yes')
  await page.getByRole('combobox', { name: 'Deleted' }).selectOption('yes')
  await expect(page.getByText('No picture of this day matches')).toBeVisible()
  await page.goto(`/screenshots?person=${ADA}`)
  const days = page.getByRole('navigation', { name: 'Days around' })
  await expect(days.getByRole('button', { name: /Sun.*: 0 pictures/ }).first()).toBeVisible()
  await days.getByRole('button', { name: /19 Nov.*: \d+ pictures/ }).click()
  await expect(page).toHaveURL(/day=2026-11-19/)
  await page.getByRole('combobox', { name: 'Team' }).selectOption({ label: 'Sales' })
  await expect(page).not.toHaveURL(/person=/)
  await expect(page.getByText('60 on this page')).toBeVisible()
  await page.getByRole('button', { name: 'Next', exact: true }).click()
  await expect(page).toHaveURL(/cursor=60/)
})

test('ten minutes without a picture say why', async ({ page, open }) => {
  await open(`/screenshots?person=${ADA}&day=2026-11-19`, { as: 'ADMIN' })
  await expect(page.getByText('Private time: the agent was paused.').first()).toBeAttached()
  await page.getByRole('checkbox', { name: 'Low activity only' }).check()
  await expect(page.getByText('Private time')).toHaveCount(0)
})

test('of a team ten minutes say who has no picture and why', async ({ page, open }) => {
  await open('/screenshots', { as: 'ADMIN' })
  const team = page.getByRole('combobox', { name: 'Team' })
  await team.selectOption({ index: 1 })
  await expect(page).toHaveURL(/team=/)
  const without = page.getByRole('list', { name: 'Without a picture' })
  await expect(without.first()).toBeVisible()
  await expect(
    without.filter({ hasText: /^(Idle|Private time|Offline|Not known): \w+/ }).first(),
  ).toBeVisible()
  await expectAccessible(page, 'pictures of a team')
  await page.getByRole('combobox', { name: 'Blurred', exact: true }).selectOption('no')
  await expect(without, 'a filter leaves pictures out').toHaveCount(0)
  await page.getByRole('combobox', { name: 'Blurred', exact: true }).selectOption('')
  await page.setViewportSize({ width: 320, height: 800 })
  await expect(without.first()).toBeVisible()
  await expectNoSideScroll(page, 'pictures of a team')
})

for (const as of ['ADMIN', 'EMPLOYEE'] as const)
  test(`a picture says which task was worked on, and leads there, ${as}`, async ({
    page,
    open,
  }) => {
    await open(
      as === 'ADMIN' ? `/screenshots?person=${ADA}&day=2026-11-19` : '/screenshots?day=2026-11-19',
      { as },
    )
    const panel = page.getByRole('complementary', { name: 'About this picture' })
    await page
      .getByRole('button', { name: /^Open screenshot/ })
      .first()
      .click()
    const task = panel.getByRole('link', { name: /\(\d+\)$/ })
    // Not every session is for a task.
    for (let n = 0; n < 60 && !(await task.isVisible()); n += 1)
      await panel.getByRole('button', { name: 'Next picture' }).click()
    await expectAccessible(page, 'picture with a task')
    const title = (await task.textContent()) ?? ''
    await task.click()
    await expect(page.getByRole('dialog', { name: title })).toBeVisible()
  })

test('an original is opened with a reason, and its person reads both', async ({ page, open }) => {
  const world = await open(`/screenshots?person=${ADA}`, { as: 'ADMIN' })
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  const first = shots(page).first()
  await first.focus()
  await page.keyboard.press('Enter')
  await expect(lightbox(page).getByText('Blurred by the server')).toBeVisible()
  await expectAccessible(page, 'blurred picture')
  await lightbox(page).getByRole('button', { name: 'Show original…' }).click()
  await lightbox(page).getByRole('button', { name: 'Show original', exact: true }).click()
  await expect(lightbox(page).getByText('Choose a reason.')).toBeVisible()
  await lightbox(page).getByRole('combobox', { name: 'Why do you need it?' }).selectOption('other')
  await lightbox(page).getByRole('button', { name: 'Show original', exact: true }).click()
  await expect(lightbox(page).getByText('Say in a few words what the reason is.')).toBeVisible()
  expect(asked.filter((path) => /image|original$/.test(path))).toEqual([])
  const note = lightbox(page).getByRole('textbox', { name: 'In your words' })
  await note.fill('Who sent it +')
  await note.press('ArrowLeft')
  await expectAccessible(page, 'reason')
  await lightbox(page).getByRole('button', { name: 'Show original', exact: true }).click()
  await expect(lightbox(page).getByText('The original. The person finds this look')).toBeVisible()
  expect(asked.filter((path) => /image|original$/.test(path))).toHaveLength(1)
  // The next one is blurred again, and so is this one after it.
  for (const [key, number] of [
    ['ArrowRight', 2],
    ['ArrowLeft', 1],
  ] as const) {
    await page.keyboard.press(key)
    await expect(page.getByRole('dialog', { name: `Screenshot ${number} of` })).toBeVisible()
    await expect(lightbox(page).getByText('Blurred by the server')).toBeVisible()
  }
  await page.keyboard.press('Escape')
  await expect(first).toBeFocused()

  world.signOut()
  await page.goto('/login')
  await page.getByLabel('E-mail').fill('employee@acme.test')
  await page.getByLabel('Password', { exact: true }).fill('demo-demo-demo')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('link', { name: 'Who looked' }).click()
  const look = page.getByRole('row').nth(1)
  await expect(look).toContainText('Bruno Keller')
  await expect(look).toContainText('An original picture')
  await expect(look).toContainText('Who sent it +')
})

test('a company that shows no originals says so', async ({ page, open }) => {
  const world = await open('/login', { as: 'ADMIN' })
  world.changeSettings({ originals_shown: false })
  await page.goto(`/screenshots?person=${ADA}`)
  await shots(page).first().click()
  const button = lightbox(page).getByRole('button', { name: 'Show original…' })
  await expect(button).toHaveAttribute('aria-disabled', 'true')
  await expect(lightbox(page).getByText('The company shows no originals.')).toBeVisible()
})

test('a picture is deleted with a reason, and says so afterwards', async ({ page, open }) => {
  await open(`/screenshots?person=${ADA}`, { as: 'ADMIN' })
  await shots(page).first().click()
  await lightbox(page).getByRole('button', { name: 'Delete…' }).click()
  await expect(lightbox(page).getByText('Tracked and active time stay.')).toBeVisible()
  await lightbox(page).getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(lightbox(page).getByText('Say why: the person reads it.')).toBeVisible()
  await expectAccessible(page, 'deleting')
  await lightbox(page).getByRole('textbox', { name: 'Why' }).fill('A letter of the bank')
  await lightbox(page).getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(
    page.getByText(/^Deleted\. That day had \d+ pictures, and has \d+ now\.$/),
  ).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByText('Deleted by Bruno Keller: “A letter of the bank”')).toBeVisible()
  await page.getByRole('combobox', { name: 'Deleted' }).selectOption('yes')
  await expect(shots(page)).toHaveCount(0)
  await expect(page.getByText('“A letter of the bank”')).toBeVisible()
})

test('an employee deletes an own picture where the company allows it', async ({ page, open }) => {
  await open('/screenshots', { as: 'EMPLOYEE' })
  await shots(page).first().click()
  await lightbox(page).getByRole('button', { name: 'Delete…' }).click()
  await expect(lightbox(page).getByText('Delete this picture of yours?')).toBeVisible()
  await lightbox(page).getByRole('textbox', { name: 'Why' }).fill('My bank')
  await expectAccessible(page, 'deleting an own one')
  await lightbox(page).getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(
    page.getByText(/^Deleted\. That day had \d+ pictures, and has \d+ now\.$/),
  ).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByText(/^Deleted by .+: “My bank”$/)).toBeVisible()
})

test('an employee sees the own ones as they are, and nobody to choose', async ({ page, open }) => {
  const world = await open('/dashboard/user', { as: 'EMPLOYEE' })
  world.changeSettings({ employees_may_delete_screenshots: false })
  await page.getByRole('link', { name: 'My screenshots' }).click()
  await expect(shots(page).first()).toBeVisible()
  await expect(page.getByRole('combobox', { name: 'Person' })).toHaveCount(0)
  await shots(page).first().click()
  await expect(lightbox(page).getByText('As it was recorded. Others see it blurred.')).toBeVisible()
  await expect(lightbox(page).getByRole('button', { name: 'Delete…' })).toHaveCount(0)
  await page.setViewportSize({ width: 320, height: 800 })
  await expectNoSideScroll(page, 'lightbox')
})

test('a day without pictures, one that failed, and one of a suspended company', async ({
  page,
  open,
}) => {
  await open(`/screenshots?person=${ADA}`, { as: 'ADMIN', empty: true })
  await expect(page.getByText(/^No pictures on Friday/)).toBeVisible()
  await open(`/screenshots?person=${ADA}`, { as: 'ADMIN', status: 'SUSPENDED' })
  await shots(page).first().click()
  await expect(lightbox(page).getByRole('button', { name: 'Delete…' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  const repair = await breakPath(page, '**/api/screenshots?*', 400, 'malformed')
  await page.goto(`/screenshots?person=${ADA}&day=2026-11-18`)
  await expect(page.getByText(/req-broken/)).toBeVisible()
  await repair()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(shots(page).first()).toBeVisible()
})
