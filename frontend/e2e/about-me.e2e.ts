// Everything about oneself as one file: asked for with the password, watched, fetched.
import { PASSWORD } from '~/mocks/world'
import { expectAccessible, expectAccessibleInBothThemes } from './a11y'
import { breakPath, expect, test } from './world'

const CARD = 'Everything about you'

test('is asked for with the password, and ready a little later', async ({ page, open }) => {
  await open('/profile', { as: 'EMPLOYEE', empty: true })
  const card = page.getByRole('region', { name: CARD })
  await expect(card.getByText('Nothing was exported yet')).toBeVisible()
  await card.getByRole('button', { name: 'Export everything' }).click()
  const dialog = page.getByRole('dialog', { name: 'Export everything about you?' })
  await expect(dialog.getByLabel('Your password')).toBeFocused()
  await expectAccessible(page, 'asked for')
  await dialog.getByLabel('Your password').fill('wrong')
  await dialog.getByRole('button', { name: 'Export everything' }).click()
  await expect(dialog.getByText('That is not your password.').first()).toBeVisible()
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await dialog.getByRole('button', { name: 'Export everything' }).click()
  await expect(dialog).toBeHidden()
  await expect(card.getByRole('progressbar', { name: 'Done' })).toBeVisible()
  await expect(card.getByRole('button', { name: 'Export everything' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  await expectAccessible(page, 'being made')
  await expect(card.getByRole('button', { name: /^Download what was exported on/ })).toBeVisible()
})

test('says until when it can be fetched, and what was taken away', async ({ page, open }) => {
  await open('/profile', { as: 'ADMIN' })
  const card = page.getByRole('region', { name: CARD })
  await expect(card.getByText('Ready')).toBeVisible()
  await expect(card.getByText('Taken away')).toBeVisible()
  await expect(card.getByRole('button', { name: /^Download/ })).toHaveCount(1)
  await expectAccessibleInBothThemes(page, 'everything about you')
})

test('fits a phone', async ({ page, open }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  await open('/profile', { as: 'EMPLOYEE' })
  const card = page.getByRole('region', { name: CARD })
  await expect(card.getByText('Ready')).toBeVisible()
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
  expect(wide).toBe(false)
})

test('says what is wrong where it cannot be listed, and comes back', async ({ page, open }) => {
  await open('/profile', { as: 'EMPLOYEE' })
  const card = page.getByRole('region', { name: CARD })
  await expect(card.getByText('Ready')).toBeVisible()
  const restore = await breakPath(page, '**/api/me/exports*', 400, 'malformed')
  await page.reload()
  await expect(card.getByRole('alert')).toBeVisible()
  await restore()
  await card.getByRole('button', { name: 'Try again' }).click()
  await expect(card.getByText('Ready')).toBeVisible()
})

test('is nothing for an owner, of whom nothing is recorded', async ({ page, open }) => {
  await open('/profile', { as: 'OWNER' })
  await expect(page.getByRole('region', { name: 'Open sign-ins' })).toBeVisible()
  await expect(page.getByRole('region', { name: CARD })).toHaveCount(0)
})
