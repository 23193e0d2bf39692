// One's own account: who one is, where one is signed in, and the password.

import { PASSWORD } from '~/mocks/world'
import { ADA } from './pages'
import { expect, test } from './world'

test('the account menu leads to the profile, and one sign-in after the other ends', async ({
  page,
  open,
}) => {
  await open('/dashboard/user', { as: 'EMPLOYEE' })
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Profile' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Profile' })).toBeFocused()
  const signIns = page.getByRole('region', { name: 'Open sign-ins' })
  await expect(signIns.getByRole('listitem')).toHaveCount(3)
  await expect(signIns.getByText('Firefox on Linux')).toBeVisible()
  await signIns.getByRole('button', { name: 'End Safari on iOS' }).click()
  await expect(signIns.getByRole('listitem')).toHaveCount(2)
  await signIns.getByRole('button', { name: 'End all others' }).click()
  await page.getByRole('button', { name: 'End them' }).click()
  await expect(page.getByText('1 sign-in ended.')).toBeVisible()
  await expect(signIns.getByRole('listitem')).toHaveCount(1)
  await expect(signIns.getByText('This browser')).toBeVisible()
})

test('a new password needs the present one and is not a common one', async ({ page, open }) => {
  await open('/profile', { as: 'OWNER' })
  const card = page.getByRole('region', { name: 'Password' })
  const fill = async (old: string, fresh: string) => {
    await card.getByLabel('Present password').fill(old)
    await card.getByLabel('New password', { exact: true }).fill(fresh)
    await card.getByLabel('New password again').fill(fresh)
    await card.getByRole('button', { name: 'Change password' }).click()
  }
  await fill(PASSWORD, 'short')
  await expect(card.getByText('Use at least 12 characters.')).toBeVisible()
  await fill(PASSWORD, 'passwordpassword')
  await expect(card.getByText('one of the first a guesser would try').first()).toBeVisible()
  await fill('wrong', 'four words nobody combines')
  await expect(card.getByText('That is not your password.').first()).toBeVisible()
  await fill(PASSWORD, 'four words nobody combines')
  await expect(page.getByText('Your password is changed.')).toBeVisible()
  await expect(card.getByLabel('Present password')).toHaveValue('')
})

test('an admin changes a role after the password, and signs somebody out', async ({
  page,
  open,
}) => {
  await open(`/employees/${ADA}`, { as: 'ADMIN' })
  const menu = page.getByRole('button', { name: 'Actions for Ada Brandt' })
  await menu.click()
  await page.getByRole('menuitem', { name: 'Sign out everywhere' }).click()
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await expect(page.getByText('Ada Brandt: 2 sign-ins ended.')).toBeVisible()
  await menu.click()
  await page.getByRole('menuitem', { name: 'Make admin' }).click()
  const dialog = page.getByRole('dialog', { name: 'Make Ada Brandt an admin?' })
  await dialog.getByRole('button', { name: 'Make admin' }).click()
  await expect(dialog.getByText('Enter your password.')).toBeVisible()
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await dialog.getByRole('button', { name: 'Make admin' }).click()
  await expect(page.getByText('Ada Brandt is an admin now.')).toBeVisible()
})
