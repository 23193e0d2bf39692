// API tokens: made with the password, shown once, revoked after a question.
import { PASSWORD } from '~/mocks/world'
import { expectAccessible, expectNoSideScroll } from './a11y'
import { breakPath, expect, test } from './world'

test.describe('API tokens', () => {
  test('are listed with what they may, their last use and their end', async ({ page, open }) => {
    await open('/dashboard/admin', { as: 'ADMIN' })
    await page.getByRole('link', { name: 'Integrations' }).click()
    await expect(page).toHaveTitle('Integrations - Acme Ltd')
    const row = page.getByRole('row', { name: /Payroll export/ })
    await expect(row).toContainText('usage:read')
    await expect(row).toContainText('2 minutes ago')
    await expect(page.getByRole('button', { name: 'Revoke Payroll export' })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Revoke Old wallboard' })).toHaveCount(0)
  })

  test('are made with scopes and the password, and shown once', async ({ page, open }) => {
    await open('/integrations', { as: 'ADMIN' })
    await page.getByRole('button', { name: 'New API token' }).click()
    const dialog = page.getByRole('dialog', { name: 'New API token' })
    await expect(dialog.getByRole('textbox', { name: 'Name' })).toBeFocused()
    await dialog.getByRole('button', { name: 'Make token' }).click()
    await expect(dialog.getByText('Say what it is for.')).toBeVisible()
    await expect(dialog.getByText('Choose at least one.')).toBeVisible()
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Wallboard')
    await dialog.getByRole('checkbox', { name: 'usage:read' }).check()
    await dialog.getByLabel('Your password').fill('not it at all')
    await dialog.getByRole('button', { name: 'Make token' }).click()
    await expect(dialog.getByRole('alert')).toBeVisible()
    await dialog.getByLabel('Your password').fill(PASSWORD)
    await dialog.getByRole('button', { name: 'Make token' }).click()
    const made = page.getByRole('dialog', { name: 'The new token' })
    await expect(made.getByRole('textbox', { name: 'API token' })).toHaveValue(/^ept_/)
    await expectAccessible(page, 'token shown')
    await page.keyboard.press('Escape')
    await expect(made).toBeVisible()
    await made.getByRole('checkbox', { name: 'I stored it' }).check()
    await made.getByRole('button', { name: 'Done' }).click()
    await expect(made).toBeHidden()
    await expect(page.getByRole('row', { name: /Wallboard/ }).first()).toContainText('Never')
    await expect(page.getByText(/ept_n3W4t0k3x/)).toHaveCount(0)
  })

  test('are revoked after a question', async ({ page, open }) => {
    await open('/integrations', { as: 'ADMIN' })
    await page.getByRole('button', { name: 'Revoke Directory sync' }).click()
    const dialog = page.getByRole('dialog', { name: 'Revoke Directory sync?' })
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
    await dialog.getByRole('button', { name: 'Revoke' }).click()
    await expect(page.getByRole('row', { name: /Directory sync/ })).toContainText('Revoked')
  })

  test('of a company that has none, or may not change anything', async ({ page, open }) => {
    await open('/integrations', { as: 'ADMIN', empty: true })
    await expect(page.getByText('No program has access')).toBeVisible()
    await expectAccessible(page, 'no tokens')
    await open('/integrations?create=true', { as: 'ADMIN', status: 'SUSPENDED' })
    await expect(page.getByRole('button', { name: 'New API token' })).toHaveAttribute(
      'aria-disabled',
      'true',
    )
    await expect(page.getByRole('dialog')).toHaveCount(0)
  })

  test('are not for employees, and say when they cannot be read', async ({ page, open }) => {
    await open('/integrations', { as: 'EMPLOYEE' })
    await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Integrations')
    await open('/login', { as: 'ADMIN' })
    await breakPath(page, '**/api/api-tokens*', 403, 'forbidden')
    await page.goto('/integrations')
    await expect(page.getByRole('alert')).toContainText('Your role may not do this.')
  })

  for (const scheme of ['light', 'dark'] as const)
    test(`fit a narrow screen, ${scheme}`, async ({ page, open }) => {
      await page.emulateMedia({ colorScheme: scheme })
      await page.setViewportSize({ width: 320, height: 700 })
      await open('/integrations', { as: 'ADMIN' })
      await expect(page.getByRole('row', { name: /Payroll export/ })).toBeVisible()
      await expectNoSideScroll(page, 'integrations')
      await page.getByRole('button', { name: 'New API token' }).click()
      await expect(page.getByRole('dialog')).toBeVisible()
      await expectNoSideScroll(page, 'integrations')
      await expectAccessible(page, `dialog, ${scheme}`)
    })
})
