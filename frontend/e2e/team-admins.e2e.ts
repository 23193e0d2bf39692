// An admin who is limited to teams: finds the people of these, and why the rest is for an admin of the company.
import { expectAccessible } from './a11y'
import { ADA } from './pages'
import { expect, test } from './world'

test('an admin of teams finds their people, and nothing that is the company’s', async ({
  page,
  open,
}) => {
  await open('/', { as: 'TEAM_ADMIN' })
  await expect(page).toHaveURL(/\/live$/)
  const entries = page.getByRole('navigation').first().getByRole('link')
  await expect(entries).toHaveText([
    'Live',
    'Employees',
    'Sessions',
    'Manual time',
    'Screenshots',
    'Usage',
    'Reports',
    'My day',
    'My tasks',
    'Alerts',
    'Who looked',
    'Monitoring policy',
  ])
  await page.getByRole('link', { name: 'Employees' }).click()
  const invite = page.getByRole('button', { name: 'Invite' })
  await expect(invite).toHaveAttribute('aria-disabled', 'true')
  await invite.hover()
  await expect(
    page.getByText('You administer teams: an admin of the company does this.'),
  ).toBeVisible()
  await page.mouse.move(0, 0)
  await expect(page.getByRole('tooltip')).toBeHidden()
  await expect(page.getByRole('link', { name: 'Removed people' })).toHaveCount(0)
  await expectAccessible(page, 'employees')

  await page.goto(`/employees/${ADA}`)
  await expect(page.getByRole('tab')).toHaveText(['Day', 'Devices', 'Settings', 'Access log'])
  for (const tab of ['Devices', 'Settings']) {
    await page.getByRole('tab', { name: tab }).click()
    await expect(page.getByRole('tabpanel')).toBeVisible()
  }
  await expect(page.getByRole('button', { name: 'Change for this person' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  await page.goto('/reports')
  await expect(page.getByRole('button', { name: 'Export' })).toBeVisible()
  await expect(page.getByRole('button', { name: /Saved/ })).toHaveCount(0)
  await page.goto('/settings')
  await expect(page.getByRole('heading', { name: 'This page is not for your role' })).toBeVisible()
})
