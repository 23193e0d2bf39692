// Team leads: an admin says who leads and what leads see; the lead's page shows people, or sums and plainly why not.

import { expectAccessible, expectNoSideScroll } from './a11y'
import { breakPath, expect, test } from './world'

test('an admin says who leads a team', async ({ page, open }) => {
  await open('/teams', { as: 'ADMIN' })
  const row = page.getByRole('row').filter({ hasText: 'Development' })
  await row.getByRole('button', { name: 'Actions for Development' }).click()
  await page.getByRole('menuitem', { name: 'Say who leads it' }).click()
  const dialog = page.getByRole('dialog', { name: 'Who leads Development?' })
  await expect(dialog.getByText('Nobody leads it.')).toBeVisible()
  await dialog.getByRole('checkbox', { name: 'Carla Mendes' }).check()
  await dialog.getByRole('checkbox', { name: 'Ada Brandt' }).check()
  await expectAccessible(page, 'leads of a team')
  await dialog.getByRole('button', { name: 'Without Carla Mendes' }).press('Enter')
  await expect(dialog.getByRole('checkbox', { name: 'Carla Mendes' })).not.toBeChecked()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Ada Brandt leads Development.')).toBeVisible()
  await expect(row).toContainText('Ada Brandt')
})

test('somebody was faster: what is there now is shown before it is saved', async ({
  page,
  open,
}) => {
  await open('/teams', { as: 'ADMIN' })
  await page.getByRole('button', { name: 'Actions for Sales' }).click()
  await page.getByRole('menuitem', { name: 'Say who leads it' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('checkbox', { name: 'Ada Brandt' }).check()
  const mend = await breakPath(page, '**/api/teams/*/leads', 412, 'precondition_failed')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await mend()
  await expect(dialog.getByText(/Somebody has changed who leads it|broke/).first()).toBeVisible()
})

test('an admin says what leads see', async ({ page, open }) => {
  await open('/settings', { as: 'ADMIN' })
  const group = page.getByRole('radiogroup', { name: 'What leads see of their teams' })
  await expect(group.getByRole('radio', { name: 'Sums of the team' })).toBeChecked()
  await group.getByRole('radio', { name: 'People' }).check()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText(/^Saved|In force/).first()).toBeVisible()
  await page.reload()
  await expectAccessible(page, 'settings of leads')
})

test('a lead who sees people finds each one’s sums and days, without pictures', async ({
  page,
  open,
}) => {
  test.slow()
  await open('/dashboard/user', { as: 'EMPLOYEE', leads: 'people' })
  await page.getByRole('link', { name: 'My team' }).click()
  await expect(page).toHaveTitle('My team - Acme Ltd')
  const rows = page.getByRole('region', { name: 'People, table' }).getByRole('row')
  await expect(rows.filter({ hasText: 'Dmitri Volkov' })).toBeVisible()
  await expect(rows.filter({ hasText: 'Ada Brandt (you)' })).toBeVisible()
  await expectAccessible(page, 'my team')
  await expectNoSideScroll(page, 'my team')
  await page.getByRole('combobox', { name: 'Team' }).selectOption('Sales')
  await expect(page).toHaveURL(/team=/)
  await expect(rows.filter({ hasText: 'Esther Okafor' })).toBeVisible()
  await expect(rows.filter({ hasText: 'Dmitri Volkov' })).toHaveCount(0)
  await page.getByRole('link', { name: 'Esther Okafor' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Esther Okafor' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Applications' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Screenshots' })).toHaveCount(0)
  await expectAccessible(page, 'a day of the team')
  await expect(page.getByRole('link', { name: 'My team' }).first()).toHaveAttribute(
    'aria-current',
    'page',
  )
})

test('a lead who sees sums is told what is shown, and of too few people nothing', async ({
  page,
  open,
}) => {
  await open('/team', { as: 'EMPLOYEE', leads: 'team_sums' })
  await expect(page.getByText('Sums of the team alone')).toBeVisible()
  await expect(page.getByText('How many hours does the team have each day?')).toBeVisible()
  await expect(page.getByText('Dmitri Volkov')).toHaveCount(0)
  await expectAccessible(page, 'sums of a team')
  await expectNoSideScroll(page, 'sums of a team')
  await page.getByRole('combobox', { name: 'Team' }).selectOption('Sales')
  await expect(page.getByText('Fewer than 5 people')).toBeVisible()
  await expect(page.getByText('How many hours does the team have each day?')).toHaveCount(0)
  await expectAccessible(page, 'too few people')
})

test('who leads no team finds no way there, and is told so', async ({ page, open }) => {
  await open('/dashboard/user', { as: 'EMPLOYEE' })
  await expect(page.getByRole('link', { name: 'My day' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'My team' })).toHaveCount(0)
  await page.goto('/team')
  await expect(page.getByText('You lead no team')).toBeVisible()
  await expectAccessible(page, 'no team')
})

test('what fails is said, and tried again', async ({ page, open }) => {
  await open('/team', { as: 'EMPLOYEE', leads: 'people' })
  await expect(page.getByRole('link', { name: 'Dmitri Volkov' })).toBeVisible()
  const mend = await breakPath(page, '**/api/led-teams/*/people*', 500, 'internal')
  await page.getByRole('combobox', { name: 'Team' }).selectOption('Sales')
  await expect(page.getByText('Something broke on our side.')).toBeVisible()
  await mend()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('link', { name: 'Esther Okafor' })).toBeVisible()
})
