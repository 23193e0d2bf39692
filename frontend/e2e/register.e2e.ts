// A company that registers itself: asked for, proved by a mail, made; and the owner's switch for it.
import { expectAccessible, expectNoSideScroll } from './a11y'
import { breakPath, expect, test } from './world'

test.describe('registering a company', () => {
  test('says at the field what is missing, and then where to look', async ({ page, open }) => {
    await open('/login')
    await page.getByRole('link', { name: 'Register a company' }).click()
    await expect(page).toHaveTitle('Register your company - Tracker')
    await page.getByRole('button', { name: 'Mail me a link' }).click()
    await expect(page.getByText('Enter the company’s name.')).toBeVisible()
    await expect(page.getByText('Enter your e-mail address.')).toBeVisible()
    await page.getByRole('textbox', { name: 'Company name' }).fill('Fresh Start')
    await page.getByRole('textbox', { name: 'Your name' }).fill('Fay Founder')
    await page.getByRole('textbox', { name: 'Your e-mail' }).fill('fay@fresh.test')
    const stop = await breakPath(page, '**/api/registrations', 429, 'too_many_attempts')
    await page.getByRole('button', { name: 'Mail me a link' }).click()
    await expect(page.getByRole('alert')).toBeVisible()
    await stop()
    await page.getByRole('button', { name: 'Mail me a link' }).click()
    await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeFocused()
    await expect(page.getByText('fay@fresh.test')).toBeVisible()
    await expectAccessible(page, 'asked')
  })

  test('is finished with a password, the key and the portal', async ({ page, open }) => {
    await page.setViewportSize({ width: 320, height: 740 })
    await open('/register/fresh')
    await page.getByLabel('Password', { exact: true }).fill('quiet meadow lantern')
    await page.getByLabel('again').fill('quiet meadow lantern')
    await page.getByRole('button', { name: 'Make the company' }).click()
    await expect(page.getByRole('heading', { name: 'Your company is there' })).toBeFocused()
    await expect(page.getByLabel('Company key', { exact: true })).toHaveValue(/^company_/)
    await expect(page.getByLabel('Agent set-up', { exact: true })).toHaveValue(
      /tracker-agent login/,
    )
    await expectAccessible(page, 'made')
    await expectNoSideScroll(page, 'made')
    await page.getByRole('checkbox', { name: 'I stored it' }).check()
    await page.getByRole('button', { name: 'Open the portal' }).click()
    await expect(page).toHaveURL(/\/(login|dashboard)/)
  })

  test('tells when a link is used, and when it is switched off', async ({ page, open }) => {
    await open('/register/used')
    await expect(page.getByText('This link is not valid any more')).toBeVisible()
    await open('/register', { closed: true })
    await expect(page.getByText('Companies do not register themselves here')).toBeVisible()
    await expectAccessible(page, 'closed')
  })

  test('is switched off by the owner, beside another one', async ({ page, open }) => {
    await open('/owner/dashboard', { as: 'OWNER' })
    await page.getByRole('link', { name: 'Self-service' }).click()
    await expect(page).toHaveTitle('Self-service - Owner')
    const address = page.getByLabel('Address to give away', { exact: true })
    await expect(address).toHaveValue(/\/register$/)
    await page.getByRole('textbox', { name: 'Days on trial' }).fill('0')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('A trial lasts 1 to 366 days.')).toBeVisible()
    await page.getByRole('textbox', { name: 'Days on trial' }).fill('30')
    await page.getByRole('checkbox', { name: 'Anybody can register a company' }).uncheck()
    await expect(address).toBeHidden()
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('Saved.')).toBeVisible()
    await expect(page.getByRole('checkbox')).not.toBeChecked()
    await expect(page.getByRole('textbox', { name: 'Days on trial' })).toHaveValue('30')
  })
})
