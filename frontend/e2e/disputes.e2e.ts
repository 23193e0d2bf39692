// Disputes: contested, answered, taken back, and where a day shows it.

import { expectAccessible, expectNoSideScroll } from './a11y'
import { breakPath, expect, test } from './world'

test('an admin answers once, and is led to what puts it right', async ({ page, open }) => {
  await open('/dashboard/admin', { as: 'ADMIN' })
  await page.getByRole('link', { name: 'Disputes' }).click()
  await expect(page).toHaveTitle('Disputes - Acme Ltd')
  await page.getByRole('combobox', { name: 'State' }).selectOption('open')
  await expect(page).toHaveURL(/state=open/)
  const rows = page.getByRole('row').filter({ hasText: 'at my desk' })
  await expect(rows.first()).toBeVisible()
  const waiting = await rows.count()
  await rows
    .first()
    .getByRole('button', { name: /^Details of / })
    .click()
  const dialog = page.getByRole('dialog', { name: /^Contested by / })
  await expect(page).toHaveURL(/dispute=/)
  await expect(dialog.getByText('An answer changes no number by itself.')).toBeVisible()
  await expect(dialog.getByRole('link', { name: 'Cut or exclude the session' })).toHaveAttribute(
    'href',
    /\/sessions\?q=.*&from=.*&to=/,
  )
  await dialog.getByRole('button', { name: 'Accept' }).click()
  await expect(dialog.getByText('Say why: the person reads it.')).toBeVisible()
  await expectAccessible(page, 'dispute')
  await dialog.getByRole('textbox', { name: 'Answer' }).fill('You are right')
  await dialog.getByRole('button', { name: 'Accept' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Accepted. The person is told.')).toBeVisible()
  await expect(rows).toHaveCount(waiting - 1)

  await page
    .getByRole('row', { name: /video\.example\.com/ })
    .first()
    .getByRole('button', { name: /^Details of / })
    .click()
  await expect(dialog.getByRole('link', { name: 'Change the rules' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await page.getByRole('combobox', { name: 'State' }).selectOption('accepted')
  await expect(rows.filter({ hasText: 'Accepted' })).toHaveCount(1)
  await page.setViewportSize({ width: 320, height: 800 })
  await expectNoSideScroll(page, 'disputes')
})

test('an employee contests ten minutes and a label, reads answers, and takes one back', async ({
  page,
  open,
}) => {
  await open('/dashboard/user?day=2026-11-19&at=2026-11-19T09:20Z', { as: 'EMPLOYEE' })
  const timeline = page.getByRole('region', { name: 'Timeline' })
  await expect(timeline.getByText('Contested: no answer yet.')).toBeVisible()
  await expect(timeline.getByRole('button', { name: 'Contest this time' })).toHaveCount(0)
  await page.goto('/dashboard/user?day=2026-11-19&at=2026-11-19T08:40Z')
  await timeline.getByRole('button', { name: 'Contest this time' }).click()
  const dialog = page.getByRole('dialog', { name: 'Contest what was recorded' })
  await dialog.getByRole('button', { name: 'Contest', exact: true }).click()
  await expect(dialog.getByText('Say why: whoever answers reads it.')).toBeVisible()
  await expectAccessible(page, 'contest')
  await dialog.getByRole('textbox', { name: 'What is wrong' }).fill('I was in the warehouse')
  // Without a mouse: Tab leads past Cancel.
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(timeline.getByText('Contested: no answer yet.')).toBeVisible()
  await expect(timeline.getByRole('button', { name: 'Contest this time' })).toHaveCount(0)

  await page.getByRole('link', { name: 'My usage' }).click()
  await page
    .getByRole('button', { name: /^Contest how / })
    .first()
    .click()
  await dialog
    .getByRole('combobox', { name: /is labelled now$/ })
    .selectOption({ label: 'Neutral' })
  await dialog.getByRole('textbox', { name: 'What is wrong' }).fill('It is how we bill')
  await dialog.getByRole('button', { name: 'Contest', exact: true }).click()
  await expect(dialog).toBeHidden()

  await page.getByRole('link', { name: 'Disputes' }).click()
  const row = page.getByRole('row', { name: /how we bill/ })
  await expect(row).toContainText('as neutral')
  await expect(page.getByRole('row', { name: /warehouse/ })).toContainText('Open')
  await page
    .getByRole('row', { name: /on the phone/ })
    .getByRole('button', { name: /^Details/ })
    .click()
  const details = page.getByRole('dialog', { name: /^Contested by / })
  await expect(details.getByText(/Rejected by .*Add the call as manual time/)).toBeVisible()
  await expect(details.getByRole('button', { name: 'Accept' })).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(details).toBeHidden()
  await row.getByRole('button', { name: /^Details/ }).click()
  await details.getByRole('button', { name: 'Withdraw' }).click()
  await expect(row).toContainText('Withdrawn')
})

test('an admin of teams answers others, and never what is their own', async ({ page, open }) => {
  await open('/disputes?state=open', { as: 'TEAM_ADMIN' })
  const dialog = page.getByRole('dialog', { name: /^Contested by / })
  const details = (of: RegExp) =>
    page
      .getByRole('row', { name: of })
      .first()
      .getByRole('button', { name: /^Details/ })
  await details(/Ada Brandt/).click()
  await expect(dialog.getByRole('button', { name: 'Withdraw' })).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Accept' })).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await details(/Bruno/).click()
  await expect(dialog.getByRole('button', { name: 'Accept' })).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Withdraw' })).toHaveCount(0)
})

test('disputes of a new company, of a suspended one, none that fits, and a list that failed', async ({
  page,
  open,
}) => {
  await open('/disputes', { as: 'ADMIN', empty: true })
  await expect(page.getByText('Nothing is contested')).toBeVisible()
  await open('/disputes', { as: 'ADMIN', status: 'SUSPENDED' })
  await page
    .getByRole('row', { name: /Open/ })
    .first()
    .getByRole('button', { name: /^Details/ })
    .click()
  await expect(page.getByRole('button', { name: 'Accept' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  const repair = await breakPath(page, '**/api/disputes?*', 400, 'malformed')
  await page.goto('/disputes?q=bruno')
  await expect(page.getByText(/req-broken/)).toBeVisible()
  await repair()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('row', { name: /Bruno/ }).first()).toBeVisible()
  await page.goto('/disputes?q=nobody')
  await expect(page.getByText('No dispute matches')).toBeVisible()
  await open('/disputes', { as: 'OWNER' })
  await expect(page.getByRole('heading', { name: 'This page is not for your role' })).toBeVisible()
})
