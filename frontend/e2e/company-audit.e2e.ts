// A company's audit log: changes and looks, found, saved, and verified.
import { expectAccessible, expectNoSideScroll } from './a11y'
import { breakPath, expect, test } from './world'

test.describe("a company's audit log", () => {
  test('tells who changed what, who looked at whom, and why', async ({ page, open }) => {
    await open('/dashboard/admin', { as: 'ADMIN' })
    await page.getByRole('link', { name: 'Audit log' }).click()
    await expect(page).toHaveURL(/\/audit$/)
    const look = page.getByRole('row', { name: /Looked at a day/ })
    await expect(look).toContainText('Within minutes')
    await expect(look).toContainText('20')
    const excluded = page.getByRole('row', { name: /Work session excluded/ })
    await expect(excluded).toContainText('“Forgot to stop it”')
    await expect(excluded).toContainText('198.51.100.4')
    await look.getByRole('link').click()
    await expect(page).toHaveURL(/\/employees\//)
  })

  test('is filtered, and the address keeps it', async ({ page, open }) => {
    await open('/audit', { as: 'ADMIN' })
    const rows = page.getByRole('table').getByRole('row')
    await expect(rows).toHaveCount(7)
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('Looks only')
    await expect(rows).toHaveCount(3)
    await page.reload()
    await expect(rows).toHaveCount(3)
    await page.getByRole('combobox', { name: 'Kind' }).selectOption('All entries')
    await page.getByRole('combobox', { name: 'What was done' }).selectOption('Teams')
    await expect(rows).toHaveCount(2)
    await page.getByRole('searchbox', { name: 'Search by who' }).fill('nobody')
    await expect(page.getByText('No entry matches')).toBeVisible()
    await page.getByRole('link', { name: 'Clear filters' }).click()
    await expect(rows).toHaveCount(7)
  })

  test('is verified, also against a seal that was noted', async ({ page, open }) => {
    await open('/audit', { as: 'ADMIN' })
    const card = page.getByRole('region', { name: 'Verification' })
    await card.getByRole('button', { name: 'Verify' }).click()
    await expect(card.getByText('Nothing was altered')).toBeVisible()
    await expect(card).toContainText('1 of them are of looks at people who were removed')
    await card.getByRole('textbox').fill('5:12')
    await expect(card).toContainText('A seal is its number')
    await card.getByRole('textbox').fill(`5:${'0'.repeat(64)}`)
    await card.getByRole('button', { name: 'Verify' }).click()
    await expect(card.getByText('The log was altered')).toBeVisible()
    await expect(card).toContainText('seal 5 is not the one that was noted')
    await expectAccessible(page, 'altered')
  })

  test('is saved as a file of what the filter lets through', async ({ page, open }) => {
    await open('/audit?action=team.', { as: 'ADMIN' })
    await page.getByRole('button', { name: 'Export' }).click()
    const asked = page.waitForRequest(/audit\/export/)
    const saved = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: 'CSV' }).click()
    expect(new URL((await asked).url()).searchParams.get('action')).toBe('team.')
    expect((await saved).suggestedFilename()).toMatch(/^audit-.*\.csv$/)
  })

  test('says when there is nothing, and when it cannot be had', async ({ page, open }) => {
    await open('/audit', { as: 'ADMIN', empty: true })
    await expect(page.getByText('Nothing was done yet')).toBeVisible()
    await breakPath(page, '**/api/audit*', 403, 'forbidden')
    await page.reload()
    await expect(page.getByRole('alert')).toContainText('Your role may not do this.')
  })

  test('fits a phone', async ({ page, open }) => {
    await page.setViewportSize({ width: 320, height: 740 })
    await open('/audit', { as: 'ADMIN' })
    await expect(page.getByText('Team created')).toBeVisible()
    await expectNoSideScroll(page, 'company audit')
    await expectAccessible(page, 'phone')
  })
})
