// Work sessions: found, why they ended, and one that does not count.

import { expectAccessible, expectNoSideScroll } from './a11y'
import { breakPath, expect, test } from './world'

test('sessions are found by person and by why they ended', async ({ page, open }) => {
  await open('/dashboard/admin', { as: 'ADMIN' })
  await page.getByRole('link', { name: 'Sessions' }).click()
  await expect(page).toHaveTitle('Sessions - Acme Ltd')
  await expect(page.getByRole('row')).toHaveCount(51)
  await page.getByRole('searchbox', { name: 'Search people' }).fill('ada')
  await expect(page).toHaveURL(/q=ada/)
  await expect(page.getByRole('row', { name: /Bruno Keller/ })).toHaveCount(0)
  await page.getByRole('combobox', { name: 'Why it ended' }).selectOption('paused')
  await expect(page).toHaveURL(/end=paused/)
  const others = page.getByRole('row').filter({ hasNotText: /private time/i })
  await expect(others, 'the head alone').toHaveCount(1)
  await page.getByRole('combobox', { name: 'Counts' }).selectOption('no')
  await expect(page.getByText('No session matches')).toBeVisible()
  await page.getByRole('link', { name: 'Clear filters' }).click()
  await page.getByRole('link', { name: 'Ada Brandt' }).first().click()
  await expect(page.getByRole('heading', { level: 1, name: 'Ada Brandt' })).toBeVisible()
  await expect(page).toHaveURL(/day=2026-11-20/)
})

test('a session is excluded with a reason, says so, and counts again', async ({ page, open }) => {
  await open('/sessions?q=ada&end=paused', { as: 'ADMIN' })
  const row = page.getByRole('row').nth(1)
  await row.getByRole('button', { name: /^Details of Ada Brandt/ }).click()
  await expect(page).toHaveURL(/session=/)
  const dialog = page.getByRole('dialog', { name: 'Session of Ada Brandt' })
  await dialog.getByRole('button', { name: 'Exclude' }).click()
  await expect(dialog.getByText('Say why: the person reads it.')).toBeVisible()
  await expectAccessible(page, 'session')
  await dialog.getByRole('textbox', { name: 'Why' }).fill('Was the cleaner')
  await dialog.getByRole('button', { name: 'Exclude' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText(/^Observed of its days: 7 h 30 m before, /)).toBeVisible()
  await expect(row).toContainText('Excluded')
  await row.getByRole('button', { name: /^Details/ }).click()
  await expect(dialog).toContainText('Excluded by')
  await expect(dialog).toContainText('“Was the cleaner”')
  await expectAccessible(page, 'excluded session')
  await page.setViewportSize({ width: 320, height: 800 })
  await expectNoSideScroll(page, 'session')
  await dialog.getByRole('textbox', { name: 'Why' }).fill('It was Ada')
  await dialog.getByRole('button', { name: 'Count again' }).click()
  await expect(dialog).toBeHidden()
  await expect(row).not.toContainText('Excluded')
})

test('the list of a new company, of a suspended one, and one that failed', async ({
  page,
  open,
}) => {
  await open('/sessions', { as: 'ADMIN', empty: true })
  await expect(page.getByText('No session yet')).toBeVisible()
  await open('/sessions?q=ada', { as: 'ADMIN', status: 'SUSPENDED' })
  await page
    .getByRole('button', { name: /^Details/ })
    .first()
    .click()
  await expect(page.getByRole('button', { name: 'Exclude' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  const repair = await breakPath(page, '**/api/work-sessions*', 400, 'malformed')
  await page.goto('/sessions?q=bruno')
  await expect(page.getByText(/req-broken/)).toBeVisible()
  await repair()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('row', { name: /Bruno/ }).first()).toBeVisible()
})
