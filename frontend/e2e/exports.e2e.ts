// Everything of the company as one file: asked for with the password, watched, fetched by whoever asked.
import { PASSWORD } from '~/mocks/world'
import { expectAccessible } from './a11y'
import { expect, test } from './world'

test.describe('exports', () => {
  test('are asked for with the password, and ready a little later', async ({ page, open }) => {
    await open('/dashboard/admin', { as: 'ADMIN' })
    await page.getByRole('link', { name: 'Exports' }).click()
    await expect(page).toHaveTitle('Exports - Acme Ltd')
    await expect(page.getByText('Bruno Keller can fetch it')).toBeVisible()
    await page.getByRole('button', { name: 'Export everything' }).click()
    const dialog = page.getByRole('dialog', { name: 'Export everything?' })
    await expect(dialog.getByLabel('Your password')).toBeFocused()
    await expectAccessible(page, 'asked for')
    await dialog.getByLabel('Your password').fill(PASSWORD)
    await dialog.getByRole('button', { name: 'Export everything' }).click()
    await expect(dialog).toBeHidden()
    await expect(page.getByRole('progressbar', { name: 'Done' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Export everything' })).toHaveAttribute(
      'aria-disabled',
      'true',
    )
    await expectAccessible(page, 'being made')
    await expect(page.getByRole('button', { name: /^Download the export of/ })).toBeVisible()
  })

  test('stay open to a company that was cancelled', async ({ page, open }) => {
    await open('/exports', { as: 'ADMIN', status: 'CANCELLED', empty: true })
    await expect(page.getByText('Nothing was exported yet')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Export everything' })).toBeEnabled()
    await page.getByRole('link', { name: 'Export everything' }).click()
    await expect(page.getByRole('dialog', { name: 'Export everything?' })).toBeVisible()
  })

  test('stand before leaving, which asks for the name and the password', async ({ page, open }) => {
    await open('/exports', { as: 'ADMIN' })
    await page.getByRole('button', { name: 'Cancel the company' }).click()
    const dialog = page.getByRole('dialog', { name: 'Cancel Acme Ltd?' })
    await dialog.getByLabel('Type Acme Ltd to confirm').fill('Acme')
    await dialog.getByLabel('Your password').fill(PASSWORD)
    await dialog.getByRole('button', { name: 'Cancel the company' }).click()
    await expect(dialog.getByText('Type Acme Ltd, as it is written here.')).toBeVisible()
    await expectAccessible(page, 'leaving')
    await dialog.getByLabel('Type Acme Ltd to confirm').fill('Acme Ltd')
    await dialog.getByRole('button', { name: 'Cancel the company' }).click()
    await expect(page.getByText(/Everything of it is erased on/)).toBeVisible()
    await expect(page.getByRole('button', { name: 'Cancel the company' })).toHaveCount(0)
  })
})
