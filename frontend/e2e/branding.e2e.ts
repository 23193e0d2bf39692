// How a company shows itself: said by an admin, worn by every page, readable whatever the colour, and nobody else's.
import { expectAccessible, expectAccessibleInBothThemes, expectNoSideScroll } from './a11y'
import { ADA } from './pages'
import { expect, test } from './world'

const LOGO = { version: 1, width: 480, height: 120, on_dark: false }

/** One point, which no page looks at: the mock knows no pictures. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

test.describe('branding', () => {
  test('is said once and shown everywhere', async ({ page, open }) => {
    await open('/settings', { as: 'ADMIN' })
    await page.getByRole('tab', { name: 'Branding' }).click()
    await expect(page).toHaveURL(/tab=branding/)
    await page.getByLabel('Name', { exact: true }).fill('Acme Studio')
    await page.getByLabel('Colour', { exact: true }).fill('#ffff0')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('A colour looks like #0b7285')).toBeVisible()
    await page.getByLabel('Colour', { exact: true }).fill('#FFFF00')
    const preview = page.getByRole('region', { name: 'Preview' })
    await expect(preview).toContainText(/Text on buttons.*5\.\d\d:1, enough; a darker shade, #/)
    await expect(preview).not.toContainText('too little')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('Everybody sees it with their next page.')).toBeVisible()
    await expect(page.getByTestId('company-name').first()).toHaveText('Acme Studio')
    await expect(page).toHaveTitle('Settings - Acme Studio')
    const ground = page.getByRole('button', { name: 'Save' })
    await page.mouse.move(0, 0)
    await expect(ground).toHaveCSS('background-color', 'rgb(114, 114, 0)')

    await page.locator('input[type=file]').setInputFiles({
      name: 'logo.png',
      mimeType: 'image/png',
      buffer: PNG,
    })
    await expect(page.getByText('The logo is in place.')).toBeVisible()
    await expect(page.locator('header').getByTestId('company-logo')).toBeVisible()
    await page.reload()
    await expect(page.locator('header').getByTestId('company-logo')).toBeVisible()
    await expectAccessibleInBothThemes(page, 'with a name, a colour and a logo')
    await page.getByRole('button', { name: 'Remove the logo' }).click()
    await expect(page.getByText('There is no logo.')).toBeVisible()
    await expect(page.getByTestId('company-logo')).toHaveCount(0)
    await page.getByRole('button', { name: 'Use the product’s own' }).click()
    await page.getByLabel('Name', { exact: true }).fill('')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByTestId('company-name').first()).toHaveText('Acme Ltd')
    await page.mouse.move(0, 0)
    await expect(ground).toHaveCSS('background-color', 'rgb(66, 99, 235)')
  })

  for (const accent of ['#ffff00', '#777777', '#000000', '#ffffff'])
    test(`can be read in ${accent}`, async ({ page, open }) => {
      const look = { name: 'Acme Studio', accent, logo: LOGO }
      const places = [
        '/settings?tab=branding',
        '/dashboard/admin',
        `/employees/${ADA}`,
        '/tasks',
        '/reports',
      ]
      await open('/profile', { as: 'ADMIN', look })
      for (const place of places) {
        await page.goto(place)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await page.waitForLoadState('networkidle')
        await expectAccessibleInBothThemes(page, `${place} in ${accent}`)
      }
    })

  test('is seen by employees, fits on a phone, and changes nothing that they confirm', async ({
    page,
    open,
  }) => {
    const look = {
      name: 'A company with a rather long name of its own',
      accent: '#0b7285',
      logo: LOGO,
    }
    await page.setViewportSize({ width: 320, height: 700 })
    await open('/dashboard/user', { as: 'EMPLOYEE', look })
    await expect(page.getByTestId('company-name').first()).toHaveText(look.name)
    await expectNoSideScroll(page, 'a long name')
    await expect(page.locator('header').getByTestId('company-logo')).toBeHidden()
    await page.getByRole('button', { name: 'Open navigation' }).click()
    await expect(page.getByRole('navigation').getByTestId('company-logo')).toBeVisible()
    await expectNoSideScroll(page, 'with the navigation')
    await expectAccessible(page, 'the navigation of a phone')
  })

  test('is taken off when its company is left', async ({ page, open }) => {
    await open('/dashboard/user', {
      as: 'EMPLOYEE',
      look: { name: 'Acme Studio', accent: '#ff0000' },
    })
    const ground = () =>
      page.evaluate(() =>
        getComputedStyle(document.documentElement)
          .getPropertyValue('--mantine-primary-color-filled')
          .trim(),
      )
    await expect.poll(ground).not.toBe('#4263eb')
    await page.getByRole('button', { name: /^Account of/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
    await expect.poll(ground).toBe('#4263eb')
    await expect(page).not.toHaveTitle(/Studio/)
  })

  test('of a second admin is not written over unseen, and a large file is not sent', async ({
    page,
    open,
  }) => {
    const world = await open('/settings?tab=branding', { as: 'ADMIN' })
    await page.getByLabel('Name', { exact: true }).fill('Mine')
    world.changeLook({ name: 'Theirs' })
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('What you typed is still here.')).toBeVisible()
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Mine')
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByTestId('company-name').first()).toHaveText('Mine')
    const large = {
      name: 'large.png',
      mimeType: 'image/png',
      buffer: Buffer.alloc(1024 * 1024 + 1),
    }
    await page.locator('input[type=file]').setInputFiles(large)
    await expect(page.getByText('The file has more than 1 MB.')).toBeVisible()
  })

  test('cannot be changed while the company does not take part', async ({ page, open }) => {
    await open('/settings?tab=branding', { as: 'ADMIN', status: 'SUSPENDED' })
    for (const name of ['Save', 'Choose a file'])
      await expect(page.getByRole('button', { name })).toHaveAttribute('aria-disabled', 'true')
  })
})
