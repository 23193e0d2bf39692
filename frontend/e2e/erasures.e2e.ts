// Companies that are gone: the certificate, and what their own page says.
import { id } from '~/mocks/random'
import { expectAccessible } from './a11y'
import { expect, test } from './world'

test.describe('erasures', () => {
  test('show what went, with a certificate to hand on', async ({ page, open }) => {
    await open('/owner/dashboard', { as: 'OWNER' })
    await page.getByRole('link', { name: 'Erasures' }).click()
    await expect(page.getByRole('row', { name: /Fir Logistics/ })).toContainText('Under way')
    await page.getByRole('link', { name: 'Certificate of Elm & Daughters' }).click()
    const dialog = page.getByRole('dialog', { name: 'Certificate of erasure' })
    await expect(dialog.getByRole('region')).toContainText('tenant.screenshots')
    await expectAccessible(page, 'certificate')
    const saved = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Download' }).click()
    expect((await saved).suggestedFilename()).toBe(`erasure-${id('company', 90)}.txt`)
    await page.keyboard.press('Escape')
    await expect(dialog).toBeHidden()
    await page.getByRole('link', { name: 'Certificate of Fir Logistics' }).click()
    await expect(page.getByText('20,411 rows are gone so far')).toBeVisible()
  })

  test('are where the page of a company leads that is gone', async ({ page, open }) => {
    await open(`/owner/company/${id('company', 90)}`, { as: 'OWNER' })
    await expect(page.getByRole('heading', { name: 'Elm & Daughters' })).toBeVisible()
    await expectAccessible(page, 'gone')
    await page.getByRole('link', { name: 'Certificate' }).click()
    await expect(page.getByRole('dialog', { name: 'Certificate of erasure' })).toBeVisible()
    await open(`/owner/company/${id('company', 95)}`, { as: 'OWNER' })
    await expect(page.getByText('There is no such page')).toBeVisible()
  })

  test('are announced to the admins of a cancelled company', async ({ page, open }) => {
    await open('/dashboard/admin', { as: 'ADMIN', status: 'CANCELLED' })
    await expect(page.getByText(/Everything of it is erased on/)).toBeVisible()
  })
})
