// Two-factor where it must be on: the way in leads through setting it up, and an admin decides for the company.

import { CODE, PASSWORD } from '~/mocks/world'
import { expectAccessible } from './a11y'
import { ADA } from './pages'
import { breakPath, expect, test } from './world'

test('who must set two-factor up is led there from any page, and back once it is on', async ({
  page,
  open,
}) => {
  await open('/owner/company/create', { as: 'OWNER', mustSetUp: true })
  await expect(page.getByRole('heading', { level: 1, name: 'Set up two-factor' })).toBeVisible()
  await expect(page).toHaveURL(/\/two-factor/)
  await expectAccessible(page, 'must set up')
  await page.getByLabel('Your password').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('img', { name: 'QR code' })).toBeVisible()
  await expectAccessible(page, 'first code')
  await page.getByLabel('Code', { exact: true }).fill(CODE)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Your recovery codes' })).toBeVisible()
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'New company' })).toBeVisible()
  await page.goto('/profile')
  const card = page.getByRole('region', { name: 'Two-factor' })
  await card.getByRole('button', { name: 'Switch off' }).hover()
  await expect(page.getByText('not switched off')).toBeVisible()
  await card.getByRole('button', { name: 'Move to another app' }).click()
  const dialog = page.getByRole('dialog', { name: 'Move to another app' })
  await expect(dialog.getByText('stays good until the other one')).toBeVisible()
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await dialog.getByLabel('Code', { exact: true }).fill(CODE)
  await page.keyboard.press('Enter')
  await expectAccessible(page, 'move to another app')
  await expect(dialog.getByRole('button', { name: 'Move to this app' })).toBeVisible()
})

test('a requirement that begins while the page is open leads there too', async ({ page, open }) => {
  await open('/dashboard/admin', { as: 'ADMIN' })
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible()
  await breakPath(page, '**/api/employees*', 403, 'two_factor_setup_required')
  await page.route('**/api/me', async (route) => {
    const answer = {
      id: ADA,
      email: 'admin@acme.test',
      name: 'Bruno Keller',
      role: 'ADMIN',
      company: { id: ADA, name: 'Acme Ltd', status: 'ACTIVE', time_zone: 'Europe/Berlin' },
      must_set_up_two_factor: true,
    }
    await route.fulfill({ json: answer })
  })
  await page.getByRole('link', { name: 'Employees', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Set up two-factor' })).toBeVisible()
  await expect(page.getByText('Acme Ltd asks')).toBeVisible()
})

test('an admin requires two-factor of everybody, with their own on', async ({ page, open }) => {
  await open('/sign-in-policy', { as: 'ADMIN' })
  const require = page.getByRole('button', { name: 'Require two-factor' })
  await expect(page.getByText('7 of 13 have it on.')).toBeVisible()
  await require.hover()
  await expect(page.getByText('Set two-factor up for yourself first')).toBeVisible()
  await page.getByRole('link', { name: 'Set it up in your profile' }).click()
  await page.getByRole('button', { name: 'Set up two-factor' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await dialog.getByLabel('Code', { exact: true }).fill(CODE)
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: 'I have kept them' }).click()
  await page.getByRole('link', { name: 'Sign-in', exact: true }).click()
  await require.click()
  await expectAccessible(page, 'require two-factor')
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await dialog.getByLabel('Code', { exact: true }).fill(CODE)
  await dialog.getByRole('button', { name: 'Require it' }).click()
  await expect(page.getByText('Two-factor is required now.')).toBeVisible()
  await expect(page.getByText('Required', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Leave it to each person' }).click()
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await dialog.getByLabel('Code', { exact: true }).fill(CODE)
  await dialog.getByRole('button', { name: 'Leave it to them' }).click()
  await expect(require).toBeVisible()
})

test('an admin switches off the two-factor of somebody who lost the app', async ({
  page,
  open,
}) => {
  await open(`/employees/${ADA}`, { as: 'ADMIN' })
  await page.getByRole('button', { name: 'Actions for Ada Brandt' }).click()
  await page.getByRole('menuitem', { name: 'Switch two-factor off' }).click()
  const dialog = page.getByRole('dialog')
  await expectAccessible(page, 'end two-factor')
  await dialog.getByLabel('Your password').fill('wrong')
  await dialog.getByRole('button', { name: 'Switch off' }).click()
  await expect(dialog.getByText('That is not your password.').first()).toBeVisible()
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await dialog.getByRole('button', { name: 'Switch off' }).click()
  await expect(page.getByText('Ada Brandt signs in with the password alone now.')).toBeVisible()
})
