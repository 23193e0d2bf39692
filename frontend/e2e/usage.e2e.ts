// Where the time went: from an application to who used it, from a person to what they used, and as a file.
import { readFileSync } from 'node:fs'
import { expectAccessible } from './a11y'
import { ADA } from './pages'
import { breakPath, expect, test } from './world'

test('an application leads to its people, and a person to their applications', async ({
  page,
  open,
}) => {
  await open('/dashboard/admin', { as: 'ADMIN' })
  await page.getByRole('link', { name: 'Usage' }).click()
  await expect(page).toHaveTitle('Usage - Acme Ltd')
  const rows = page.getByRole('table', { name: 'Applications' }).getByRole('row')
  await expect(rows).toHaveCount(9)
  await expect(rows.nth(1)).toContainText('Visual Studio Code')
  await page.getByRole('link', { name: 'Firefox' }).click()
  await expect(page).toHaveURL(/\/usage\?by=person&app=Firefox$/)
  await expect(page.getByText('Looking at this is noted')).toBeVisible()
  await expect(
    page.getByRole('region', { name: 'How many hours of Firefox each day?' }),
  ).toBeVisible()
  await page.getByRole('link', { name: 'Ada Brandt' }).click()
  await expect(page).toHaveURL(new RegExp(`\\?by=app&person=${ADA}$`))
  await expect(page.getByRole('button', { name: 'not only Ada Brandt' })).toBeVisible()
  await page.goBack()
  await page.getByRole('button', { name: 'not only Firefox' }).click()
  await expect(page).toHaveURL(/\/usage\?by=person$/)
  await page.getByRole('tab', { name: 'Teams' }).click()
  await page.getByRole('link', { name: 'In no team' }).click()
  await expect(page).toHaveURL(/\?by=person&team=none$/)
  await expect(page.getByRole('combobox', { name: 'Team' })).toHaveValue('none')
})

test('days, order, search and list stay in the address', async ({ page, open }) => {
  await open('/usage', { as: 'ADMIN' })
  await page.getByRole('combobox', { name: 'Days', exact: true }).selectOption('Last week')
  await expect(page).toHaveURL(/from=2026-11-09&to=2026-11-15/)
  await expect(
    page.getByText(/from 9 Nov 2026 to 15 Nov 2026, days of Europe\/Berlin/),
  ).toBeVisible()
  await page.keyboard.press('[')
  await expect(page).toHaveURL(/from=2026-11-02&to=2026-11-08/)
  await page.getByLabel('To day').fill('2026-11-10')
  await expect(page.getByRole('combobox', { name: 'Days', exact: true })).toHaveValue('')
  await page.getByRole('tab', { name: 'Sites' }).click()
  await page.getByRole('button', { name: 'Site' }).click()
  await page.getByRole('searchbox', { name: 'Search sites' }).fill('docs')
  await expect(page.getByRole('table', { name: 'Sites' }).getByRole('row')).toHaveCount(2)
  await page.reload()
  await expect(page).toHaveURL(/by=host/)
  await expect(page.getByRole('searchbox', { name: 'Search sites' })).toHaveValue('docs')
  await expect(page.getByLabel('From day')).toHaveValue('2026-11-02')
  await page.goto('/usage?by=nonsense&from=2026-11-20&to=2026-11-01&sort=x&person=x')
  await expect(page.getByRole('tab', { name: 'Applications' })).toHaveAttribute(
    'aria-selected',
    'true',
  )
  await expect(page.getByLabel('From day')).toHaveValue('2026-10-22')
})

test('the list is saved with the filter of the page', async ({ page, open }) => {
  await open('/usage?by=host&from=2026-11-09&to=2026-11-15&q=docs', { as: 'ADMIN' })
  await page.getByRole('button', { name: 'Export' }).click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'CSV' }).click(),
  ])
  expect(file.suggestedFilename()).toBe('usage-2026-11-20.csv')
  expect(readFileSync(await file.path(), 'utf8')).toMatch(/^name,seconds\r\ndocs\.rs,\d+$/)
})

test('employees find their own weeks and months, without anybody else', async ({ page, open }) => {
  await open('/dashboard/user', { as: 'EMPLOYEE' })
  await page.getByRole('link', { name: 'My usage' }).click()
  await expect(page.getByText('Where your time went')).toBeVisible()
  await expect(page.getByRole('tab')).toHaveText(['Applications', 'Sites', 'Categories'])
  await expect(page.getByRole('combobox', { name: 'Team' })).toHaveCount(0)
  await page.getByRole('combobox', { name: 'Days', exact: true }).selectOption('Last month')
  await expect(page).toHaveURL(/from=2026-10-01&to=2026-10-31/)
  await page.getByRole('link', { name: 'Firefox' }).click()
  await expect(
    page.getByRole('region', { name: 'How many hours of Firefox each day?' }),
  ).toBeVisible()
  await page.getByRole('button', { name: 'not only Firefox' }).click()
  await page.getByRole('tab', { name: 'Categories' }).click()
  await expect(page.getByRole('table', { name: 'Categories' }).getByRole('link')).toHaveCount(0)
  await expectAccessible(page, 'the own categories')
  // What an address of an admin asks for is not asked for.
  await page.goto(`/usage?by=person&person=${ADA}&team=none`)
  await expect(page.getByRole('tab', { name: 'Applications' })).toHaveAttribute(
    'aria-selected',
    'true',
  )
  await expect(page.getByRole('link', { name: 'Firefox' })).toBeVisible()
})

test('nothing, nothing that matches, and what did not load', async ({ page, open }) => {
  await open('/usage', { as: 'ADMIN', empty: true })
  await expect(page.getByText('Nothing was recorded in these days').first()).toBeVisible()
  await expectAccessible(page, 'nothing')
  await open('/usage?q=nonsense', { as: 'ADMIN' })
  await page.getByRole('link', { name: 'Clear filters' }).click()
  await expect(page.getByRole('link', { name: 'Firefox' })).toBeVisible()
  const mend = await breakPath(page, '**/api/usage?*', 400, 'malformed')
  await page.reload()
  await expect(page.getByRole('alert')).toHaveCount(2)
  await mend()
  await page.getByRole('button', { name: 'Try again' }).first().click()
  await expect(page.getByRole('link', { name: 'Firefox' })).toBeVisible()
})
