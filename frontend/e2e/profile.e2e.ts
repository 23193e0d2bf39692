// One's own account: who one is, where one is signed in, and the password.

import { CODE, PASSWORD } from '~/mocks/world'
import { expectAccessible, expectAccessibleInBothThemes } from './a11y'
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
  await page.getByRole('menuitem', { name: 'Change role' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change the role of Ada Brandt?' })
  const confirm = dialog.getByRole('button', { name: 'Change role' })
  await expect(confirm).toBeDisabled()
  await dialog.getByRole('radio', { name: 'Team admin' }).check()
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await confirm.click()
  await expect(dialog.getByText('Choose at least one team.')).toBeVisible()
  await expectAccessible(page, 'role')
  await dialog.getByRole('radio', { name: 'Admin', exact: true }).check()
  await dialog.getByLabel('Your password').fill('')
  await confirm.click()
  await expect(dialog.getByText('Enter your password.')).toBeVisible()
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await confirm.click()
  await expect(page.getByText('Ada Brandt is an admin now.')).toBeVisible()
  // Limited to a team, and to another one: the same dialog says both.
  const limit = async (team: string) => {
    await menu.click()
    await page.getByRole('menuitem', { name: 'Change role' }).click()
    await dialog.getByRole('radio', { name: 'Team admin' }).check()
    await dialog.getByRole('checkbox', { name: team }).check()
    await dialog.getByLabel('Your password').fill(PASSWORD)
    await confirm.click()
    await expect(dialog).toBeHidden()
    await expect(page.getByText(/^Team admin ·/)).toBeVisible()
  }
  await limit('Development')
  await limit('Sales')
})

test('two-factor is set up with an app, asked for again, and switched off', async ({
  page,
  open,
}) => {
  await open('/profile', { as: 'ADMIN' })
  const card = page.getByRole('region', { name: 'Two-factor' })
  await card.getByRole('button', { name: 'Set up two-factor' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('img', { name: 'QR code' })).toBeVisible()
  await expectAccessible(page, 'set-up')
  await dialog.getByLabel('Code', { exact: true }).fill('000000')
  await page.keyboard.press('Enter')
  await expect(dialog.getByText('Wait for the next one').first()).toBeVisible()
  await dialog.getByLabel('Code', { exact: true }).fill(CODE)
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('listitem')).toHaveCount(10)
  await expectAccessible(page, 'recovery codes')
  await dialog.getByRole('button', { name: 'I have kept them' }).click()
  await expect(card.getByText('10 recovery codes left.')).toBeVisible()
  await expect(
    page.getByRole('region', { name: 'Password' }).getByLabel('Code', { exact: true }),
  ).toBeVisible()
  await card.getByRole('button', { name: 'New recovery codes' }).click()
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await dialog.getByLabel('Code', { exact: true }).fill(CODE)
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('listitem')).toHaveCount(10)
  await page.keyboard.press('Escape')
  await page.mouse.click(5, 5)
  await expect(dialog.getByRole('listitem'), 'shown this once').toHaveCount(10)
  await dialog.getByRole('button', { name: 'I have kept them' }).click()
  await card.getByRole('button', { name: 'Switch off' }).click()
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await dialog.getByLabel('Code', { exact: true }).fill(CODE)
  await dialog.getByRole('button', { name: 'Switch off' }).click()
  await expect(card.getByRole('button', { name: 'Set up two-factor' })).toBeVisible()
})

test('clocks in a zone of one’s own, in days of the company, and numbers as one is used to', async ({
  page,
  open,
}) => {
  await open('/profile', { as: 'EMPLOYEE' })
  const card = page.getByRole('region', { name: 'Language and times' })
  await expect(page.getByText('Times in Europe/Berlin (GMT+1)', { exact: true })).toBeVisible()
  await card.getByLabel('Dates and numbers as in').selectOption('de-DE')
  await card.getByRole('radio', { name: 'Another zone, as my own' }).check()
  await card.getByRole('combobox', { name: 'Zone' }).fill('tokyo')
  await page.getByRole('option', { name: /Asia\/Tokyo/ }).click()
  await expect(card.getByText(/^For example .* and 12\.345,6$/)).toBeVisible()
  // What happens to lie half under the page's head after scrolling is no small target.
  await page.evaluate(() => window.scrollTo(0, 0))
  await expectAccessibleInBothThemes(page, 'Language and times')
  const save = card.getByRole('button', { name: 'Save language and times' })
  await save.click()
  await expect(page.getByText('Saved in this browser.')).toBeVisible()
  await expect(save).toBeFocused()
  const said = 'Times in Asia/Tokyo (GMT+9); days of Europe/Berlin (GMT+1)'
  await expect(page.getByText(said, { exact: true })).toBeVisible()
  await page.reload()
  await expect(card.getByLabel('Dates and numbers as in')).toHaveValue('de-DE')
  await open('/dashboard/user', { as: 'EMPLOYEE' })
  const day = page.getByRole('region', { name: 'Timeline' })
  await expect(day.getByText('Times in Asia/Tokyo (GMT+9)')).toBeVisible()
})
