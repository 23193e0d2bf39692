// What is recorded: seen, changed, refused where it cannot be read, and safe from a second admin's change.
import { expectAccessible } from './a11y'
import { expect, test } from './world'

test.describe('settings', () => {
  test('are changed, and say that agents hear of it', async ({ page, open }) => {
    await open('/dashboard/admin', { as: 'ADMIN' })
    await page.getByRole('link', { name: 'Settings' }).click()
    await expect(page).toHaveTitle('Settings - Acme Ltd')
    await expect(page.getByLabel('From', { exact: true })).toHaveValue('08:00')
    await page.getByRole('checkbox', { name: 'Sat' }).check()
    await page.getByRole('checkbox', { name: 'Blur them' }).check()
    await page.getByLabel('Idle after, in minutes').fill('0')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('From half a minute to 60 minutes.')).toBeVisible()
    await page.getByLabel('Idle after, in minutes').fill('4')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('Agents hear of it with their next call.')).toBeVisible()
    await page.reload()
    await expect(page.getByLabel('Idle after, in minutes')).toHaveValue('4')
    await expect(page.getByRole('checkbox', { name: 'Sat' })).toBeChecked()
    await page.getByRole('checkbox', { name: 'All day' }).check()
    await expect(page.getByLabel('From', { exact: true })).toHaveCount(0)
    await page.getByRole('checkbox', { name: 'Take screenshots' }).uncheck()
    await expectAccessible(page, 'without times and screenshots')
  })

  test('say which rule cannot be read', async ({ page, open }) => {
    await open('/settings', { as: 'ADMIN' })
    await page.getByLabel('Never keep what matches').fill('salary\nbroken(')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText(/^broken\(: This is no regular expression/)).toBeVisible()
  })

  test('are not written over what a second admin saved unless one says so', async ({
    page,
    open,
  }) => {
    const world = await open('/settings', { as: 'ADMIN' })
    await page.getByRole('checkbox', { name: 'Blur them' }).check()
    world.changeSettings({ record_paths: true })
    await page.getByRole('button', { name: 'Save' }).click()
    const alert = page.getByRole('alert').filter({ hasText: 'Somebody changed the settings' })
    await expect(alert.getByRole('listitem')).toHaveText(['Paths of pages'])
    await expect(page.getByRole('checkbox', { name: 'Blur them' })).toBeChecked()
    await expectAccessible(page, 'with what somebody else changed')
    await page.getByRole('button', { name: 'Save mine over it' }).click()
    await expect(page.getByText('Agents hear of it with their next call.')).toBeVisible()
    await expect(alert).toHaveCount(0)
    await expect(page.getByRole('checkbox', { name: 'Record the paths of pages' })).toBeChecked()
    await expect(page.getByRole('checkbox', { name: 'Blur them' })).toBeChecked()
  })

  test('say what tonight deletes before it is saved, and what the plan allows', async ({
    page,
    open,
  }) => {
    await open('/settings', { as: 'ADMIN' })
    const tonight = page.getByRole('status').filter({ hasText: 'Tonight' })
    await expect(tonight).toContainText('1,204 screenshots (313 MB)')
    await page.getByLabel('Keep screenshots for, in days').fill('30')
    await expect(tonight).toContainText('11,524 screenshots')
    await expectAccessible(page, 'with what tonight deletes')
    await page.getByLabel('Keep screenshots for, in days').fill('365')
    await expect(tonight).not.toContainText('screenshots')
    await page.getByLabel('Keep details for, in days').fill('366')
    await expect(tonight).toContainText('Tonight deletes nothing.')
    await page.getByRole('button', { name: 'Save' }).click()
    // Above the button, and at its field.
    await expect(
      page.getByText(/^The company's plan keeps records for at most 365 days/),
    ).toHaveCount(2)
    await page.getByLabel('Keep details for, in days').fill('200')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('Agents hear of it with their next call.')).toBeVisible()
  })

  test('cannot be changed while the company does not take part', async ({ page, open }) => {
    await open('/settings', { as: 'ADMIN', status: 'SUSPENDED' })
    await expect(page.getByRole('button', { name: 'Save' })).toHaveAttribute(
      'aria-disabled',
      'true',
    )
  })
})
