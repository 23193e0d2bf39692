// Settings of a team and of a person: whose wins is said, changed, followed again, and safe from a second admin's change.
import { expectAccessible, expectNoSideScroll } from './a11y'
import { breakPath, expect, test } from './world'

test('a team and a person have their own, and follow again', async ({ page, open }) => {
  await open('/settings', { as: 'ADMIN' })
  const list = page.getByRole('region', {
    name: 'Teams and people with other settings',
    exact: true,
  })
  const row = list.getByRole('row').filter({ hasText: 'Team' }).last()
  await expect(row).toContainText('Idle after: 10 m; Titles of windows and pages: No')
  await row.getByRole('button', { name: /Change settings of/ }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByLabel('Idle after, in minutes')).toHaveValue('10')
  await expectAccessible(page, 'settings of a team')
  await dialog.getByLabel('Idle after, in minutes').fill('90')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByText('From half a minute to 60 minutes.')).toBeVisible()
  await dialog.getByLabel('Idle after, in minutes').fill('')
  await dialog.getByLabel('Screenshots', { exact: true }).selectOption('no')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Agents hear of it with their next call.')).toBeVisible()
  await expect(row).toContainText('Titles of windows and pages: No; Screenshots: No')
  await row.getByRole('button', { name: /Change settings of/ }).press('Enter')
  await dialog.getByRole('button', { name: 'Follow in everything' }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(list.getByText('Everybody has the company’s settings')).toBeVisible()
})

test('one person has own hours', async ({ page, open }) => {
  await open('/employees', { as: 'ADMIN' })
  await page.getByRole('link', { name: 'Carla Mendes' }).click()
  await page.getByRole('tab', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Change for this person' }).click()
  const dialog = page.getByRole('dialog', { name: 'Settings of Carla Mendes' })
  await dialog.getByLabel('Days and hours').selectOption('own')
  await dialog.getByRole('checkbox', { name: 'Fri' }).uncheck()
  await dialog.getByLabel('From', { exact: true }).fill('10:00')
  await expectAccessible(page, 'own hours')
  await dialog.getByRole('button', { name: 'Save' }).click()
  const row = page.getByRole('row', { name: /Days and hours/ })
  await expect(row).toContainText('Mon, Tue, Wed, Thu, 10:00 to')
  await expect(row).toContainText('This person')
})

test('a team has its settings from its menu', async ({ page, open }) => {
  await open('/teams', { as: 'ADMIN' })
  await page.getByRole('button', { name: 'Actions for Sales' }).click()
  await page.getByRole('menuitem', { name: 'Settings' }).click()
  const dialog = page.getByRole('dialog', { name: 'Settings of Sales' })
  await dialog.getByLabel('Screenshots are blurred').selectOption('yes')
  const mend = await breakPath(page, '**/api/teams/*/settings', 412, 'precondition_failed')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await mend()
  await expect(
    dialog.getByText(/Somebody has changed settings in between|broke/).first(),
  ).toBeVisible()
})

test('an employee reads what is in force and where it comes from', async ({ page, open }) => {
  await open('/dashboard/user', { as: 'EMPLOYEE' })
  const recorded = page.getByRole('region', { name: 'What is recorded' })
  await expect(recorded.getByRole('row', { name: /Idle after/ })).toContainText(/Company|Team/)
})

test('reads on a phone', async ({ page, open }) => {
  await page.setViewportSize({ width: 320, height: 700 })
  await open('/settings', { as: 'ADMIN' })
  const button = page.getByRole('button', { name: /Change settings of/ })
  await expect(button).toBeVisible()
  await expectNoSideScroll(page, 'settings of teams and people')
  await button.click()
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Save' })).toBeVisible()
  await expectNoSideScroll(page, 'settings of teams and people')
})
