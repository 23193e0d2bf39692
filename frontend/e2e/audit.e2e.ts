// What owners and jobs did: shown, found, and shown to be sealed.
import { expectAccessible, expectNoSideScroll } from './a11y'
import { ACME } from './pages'
import { breakPath, expect, test } from './world'

test.describe('the audit log', () => {
  test('tells who did what, when, from where and why', async ({ page, open }) => {
    await open('/owner/dashboard', { as: 'OWNER' })
    await page.getByRole('link', { name: 'Audit log' }).click()
    await expect(page).toHaveTitle('Audit log - Owner')
    const suspended = page.getByRole('row', { name: /Company suspended/ })
    await expect(suspended).toContainText('Bolt Logistics')
    await expect(suspended).toContainText('olga@vendor.test')
    await expect(suspended).toContainText('203.0.113.7')
    await expect(suspended).toContainText('“Unpaid since September, reminded three times”')
    await expect(suspended).toContainText('Within minutes')
    const plan = page.getByRole('row', { name: /Plan changed/ })
    await expect(plan).toContainText('max employees40 → 50')
    await expect(plan.getByText('false')).toBeHidden()
    await plan.getByText('1 more').click()
    await expect(plan.getByText('false')).toBeVisible()
    await expect(page.getByLabel('Newest seal', { exact: true }).last()).toHaveValue(/^5:9c1d/)
    await suspended.getByRole('link', { name: 'Bolt Logistics' }).click()
    await expect(page).toHaveURL(/\/owner\/company\//)
  })

  test('is filtered, and the address keeps it', async ({ page, open }) => {
    await open('/owner/audit', { as: 'OWNER' })
    const rows = page.getByRole('row')
    await expect(rows).toHaveCount(7)
    await page.getByRole('combobox', { name: 'What was done' }).selectOption('Companies')
    await expect(rows).toHaveCount(4)
    await page.getByRole('searchbox', { name: 'Search by who' }).fill('system')
    await expect(rows).toHaveCount(2)
    await expect(page).toHaveURL(/actor=system/)
    await page.reload()
    await expect(rows).toHaveCount(2)
    await page.getByLabel('To day').fill('2020-01-01')
    await expect(page.getByText('No entry matches')).toBeVisible()
    await page.getByRole('link', { name: 'Clear filters' }).click()
    await expect(rows).toHaveCount(7)
    await page.goto(`/owner/audit?company=${ACME}`)
    await expect(rows).toHaveCount(3)
    await page.getByRole('button', { name: /Show all companies/ }).click()
    await expect(rows).toHaveCount(7)
  })

  test('is saved as a file of what the filter lets through', async ({ page, open }) => {
    await open('/owner/audit?action=company.', { as: 'OWNER' })
    await page.getByRole('button', { name: 'Export' }).click()
    const asked = page.waitForRequest(/audit\/export/)
    const saved = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: 'CSV' }).click()
    expect(new URL((await asked).url()).searchParams.get('action')).toBe('company.')
    expect((await saved).suggestedFilename()).toMatch(/^audit-.*\.csv$/)
  })

  test('says when there is nothing, and when it cannot be had', async ({ page, open }) => {
    await open('/owner/audit', { as: 'OWNER', empty: true })
    await expect(page.getByText('Nothing was done yet')).toBeVisible()
    await breakPath(page, '**/api/owner/audit*', 403, 'forbidden')
    await page.reload()
    await expect(page.getByRole('alert')).toContainText('Your role may not do this.')
  })

  test('fits a phone', async ({ page, open }) => {
    await page.setViewportSize({ width: 320, height: 740 })
    await open('/owner/audit', { as: 'OWNER' })
    await expect(page.getByText('Company suspended')).toBeVisible()
    await expectNoSideScroll(page, 'audit log')
    await expectAccessible(page, 'phone')
  })
})
