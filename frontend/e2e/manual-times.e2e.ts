// Manual time: said, decided, taken back, and where a day shows it.

import { expectAccessible, expectNoSideScroll } from './a11y'
import { breakPath, expect, test } from './world'

test('an admin decides about one entry, and about several at once', async ({ page, open }) => {
  await open('/dashboard/admin', { as: 'ADMIN' })
  await page.getByRole('link', { name: 'Manual time' }).click()
  await expect(page).toHaveTitle('Manual time - Acme Ltd')
  await page.getByRole('combobox', { name: 'State' }).selectOption('pending')
  await expect(page).toHaveURL(/state=pending/)
  const rows = page.getByRole('row').filter({ hasText: 'Waiting' })
  await expect(rows.first()).toBeVisible()
  const waiting = await rows.count()
  await rows
    .first()
    .getByRole('button', { name: /^Details of / })
    .click()
  const dialog = page.getByRole('dialog', { name: /^Manual time of / })
  await expect(page).toHaveURL(/entry=/)
  await dialog.getByRole('button', { name: 'Reject' }).click()
  await expect(dialog.getByText('Say why: the person reads it.')).toBeVisible()
  await expectAccessible(page, 'entry')
  await dialog.getByRole('textbox', { name: 'Why' }).fill('That was not agreed')
  await dialog.getByRole('button', { name: 'Reject' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('1 entry rejected.')).toBeVisible()
  await expect(rows).toHaveCount(waiting - 1)

  await rows.nth(0).getByRole('checkbox').check()
  await rows.nth(1).getByRole('checkbox').check()
  await expect(page.getByText('2 chosen')).toBeVisible()
  await page.mouse.move(0, 0)
  await expectAccessible(page, 'chosen')
  await page.getByRole('button', { name: 'Decide' }).click()
  await page
    .getByRole('dialog', { name: 'Manual time: 2 entries' })
    .getByRole('button', { name: 'Approve' })
    .click()
  await expect(page.getByText('2 entries approved.')).toBeVisible()
  await expect(rows).toHaveCount(waiting - 3)
  await page.setViewportSize({ width: 320, height: 800 })
  await expectNoSideScroll(page, 'manual time')
})

test('an employee adds time, sees what became of it, and takes it back', async ({ page, open }) => {
  await open('/manual-times', { as: 'EMPLOYEE' })
  await page.getByRole('button', { name: 'Add time' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add manual time' })
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(dialog.getByText('Say from when on.')).toBeVisible()
  await expectAccessible(page, 'new manual time')
  await dialog.getByLabel('Day').fill('2026-11-20')
  await dialog.getByLabel('From').fill('07:00')
  await dialog.getByLabel('Until').fill('07:45')
  await expect(dialog.getByText(/45 m\./)).toBeVisible()
  await dialog.getByRole('combobox', { name: 'What' }).selectOption('call')
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('Call with the office in Porto')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByText('It counts once an admin has approved it.')).toBeVisible()
  const row = page.getByRole('row', { name: /Porto/ })
  await expect(row).toContainText('Waiting')
  // The day shows it, and says that it waits.
  await page.getByRole('link', { name: 'My day' }).click()
  await expect(page.getByText('Added, waiting for approval')).toBeVisible()
  const timeline = page.getByRole('region', { name: 'Timeline' })
  await timeline.getByRole('button', { name: 'Show as table' }).click()
  await expect(
    page.getByRole('cell', {
      name: 'Added by hand: Call (“Call with the office in Porto”), waiting',
    }),
  ).toBeVisible()
  await page.goBack()
  await row.getByRole('button', { name: /^Details/ }).click()
  await page.getByRole('button', { name: 'Withdraw' }).click()
  await expect(row).toContainText('Withdrawn')
})

test('an overlap is refused, an admin adds it for somebody, and settings can switch it off', async ({
  page,
  open,
}) => {
  await open('/manual-times?add=true', { as: 'ADMIN' })
  const dialog = page.getByRole('dialog', { name: 'Add manual time' })
  for (const outcome of ['added', 'refused']) {
    await dialog.getByRole('combobox', { name: 'Employee' }).fill('Ada')
    await page.getByRole('option', { name: 'Ada Brandt' }).click()
    await dialog.getByLabel('Day').fill('2026-11-20')
    await dialog.getByLabel('From').fill('06:00')
    await dialog.getByLabel('Until').fill('06:30')
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('Opened the hall')
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    if (outcome === 'refused')
      await expect(dialog.getByText('A part of this time was added already')).toBeVisible()
    else {
      await expect(page.getByText('the person reads that you added it')).toBeVisible()
      await expect(page.getByRole('row', { name: /Opened the hall/ })).toContainText('Added by')
      await page.getByRole('button', { name: 'Add time' }).click()
    }
  }
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('checkbox', { name: 'Let employees add manual time' }).uncheck()
  await expect(page.getByRole('checkbox', { name: 'Ask an admin to approve it' })).toBeHidden()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText(/^Saved\./)).toBeVisible()
})

test('manual time of a new company, of a suspended one, and a list that failed', async ({
  page,
  open,
}) => {
  await open('/manual-times', { as: 'ADMIN', empty: true })
  await expect(page.getByText('No manual time in the last 30 days')).toBeVisible()
  await open('/manual-times', { as: 'ADMIN', status: 'SUSPENDED' })
  await expect(page.getByRole('button', { name: 'Add time' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  const repair = await breakPath(page, '**/api/manual-times?*', 400, 'malformed')
  await page.goto('/manual-times?q=bruno')
  await expect(page.getByText(/req-broken/)).toBeVisible()
  await repair()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('row', { name: /Bruno/ }).first()).toBeVisible()
})
