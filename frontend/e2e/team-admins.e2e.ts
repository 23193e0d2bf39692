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
    'Disputes',
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

test('an admin of teams decides about their people, and not about the own self', async ({
  page,
  open,
}) => {
  await open('/manual-times?state=pending', { as: 'TEAM_ADMIN' })
  const rows = page.getByRole('row').filter({ hasText: 'Waiting' })
  const own = rows.filter({ hasText: 'Ada Brandt' }).first()
  const other = rows.filter({ hasNotText: 'Ada Brandt' }).first()
  await expect(other.getByRole('checkbox')).toBeVisible()
  await expect(own.getByRole('checkbox')).toHaveCount(0)
  const dialog = page.getByRole('dialog', { name: /^Manual time of / })
  await own.getByRole('button', { name: /^Details of / }).click()
  await expect(dialog.getByRole('button', { name: 'Withdraw' })).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Approve' })).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await other.getByRole('button', { name: /^Details of / }).click()
  await dialog.getByRole('button', { name: 'Approve' }).click()
  await expect(page.getByText('1 entry approved.')).toBeVisible()

  await page.goto('/sessions')
  const sessions = page.getByRole('table').getByRole('row')
  const session = page.getByRole('dialog', { name: /^Session of / })
  await sessions
    .filter({ hasText: 'Ada Brandt' })
    .first()
    .getByRole('button', { name: /^Details of / })
    .click()
  await expect(session).toBeVisible()
  await expect(session.getByRole('radio')).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(session).toBeHidden()
  await sessions
    .filter({ hasNotText: 'Ada Brandt' })
    .nth(1)
    .getByRole('button', { name: /^Details of / })
    .click()
  await expect(session.getByRole('radio')).toHaveCount(2)
  await expect(session.getByRole('radio', { name: /^Delete/ })).toHaveCount(0)
  await expectAccessible(page, 'a session')
})
