// What holds on every page: accessibility in both themes and in every state, no sideways scroll, title, focus, theme.
// That the content policy refuses nothing is checked by the fixture of every test.
import type { Page } from '@playwright/test'
import { expectAccessibleInBothThemes, expectNoSideScroll } from './a11y'
import { ACME, ADA, DIALOGS, PLACES, type Place } from './pages'
import { breakPath, expect, test } from './world'

const DESKTOP = { width: 1280, height: 900 }

const heading = (place: Place) => ({ level: 1, name: place.heading }) as const

// Loading a page costs more than looking at it: each is loaded filled and failed, and looked at in every way.
for (const place of PLACES)
  test(`${place.name} is accessible in both themes, and fits whatever the size`, async ({
    page,
    open,
  }) => {
    await open(place.path, { as: place.as })
    await expect(page.getByRole('heading', heading(place))).toBeVisible()
    await page.waitForLoadState('networkidle')
    await expectAccessibleInBothThemes(page, 'filled')
    await expectFits(page)
    if (!place.needs) return
    await breakPath(page, place.needs, 400, 'malformed')
    await page.reload()
    await expect(page.getByRole('alert').first()).toBeVisible()
    await expectNoSideScroll(page, 'failed, at 320 px')
    await page.setViewportSize(DESKTOP)
    await expectAccessibleInBothThemes(page, 'failed')
  })

for (const place of DIALOGS)
  test(`the dialog ${place.name} is accessible in both themes, and fits whatever the size`, async ({
    page,
    open,
  }) => {
    await open(place.path, { as: place.as })
    await expect(page.getByRole('dialog').getByRole('button', { name: 'Cancel' })).toBeVisible()
    await page.waitForLoadState('networkidle')
    await expectAccessibleInBothThemes(page, 'filled')
    await expectFits(page)
  })

/** Nothing is wider than the window with text of twice the size, nor in a narrow one, which it leaves behind. */
async function expectFits(page: Page) {
  const text = (size: string) =>
    page.evaluate((size) => document.documentElement.style.setProperty('font-size', size), size)
  await text('200%')
  await expectNoSideScroll(page, 'text twice as large')
  await text('')
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 800 })
    await expectNoSideScroll(page, `at ${width} px`)
  }
}

for (const path of ['/dashboard/admin', '/employees?q=zzz', '/dashboard/user'])
  test(`an empty ${path} is accessible`, async ({ page, open }) => {
    await open(path, { as: 'ADMIN', empty: true })
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await page.waitForLoadState('networkidle')
    await expectAccessibleInBothThemes(page, path)
  })

const states = [
  ['an unknown page', '/nothing/here', { as: 'ADMIN' }],
  ['a page of another role', '/owner/dashboard', { as: 'EMPLOYEE' }],
  ['a company that is switched off', '/dashboard/user', { as: 'EMPLOYEE', status: 'EXPIRED' }],
  ['a used link', '/invite/used', {}],
] as const
for (const [name, path, options] of states)
  test(`${name} is accessible`, async ({ page, open }) => {
    await open(path, options)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expectAccessibleInBothThemes(page, name)
  })

test('a page that did not load is accessible', async ({ page, open }) => {
  await open('/login', { as: 'ADMIN' })
  await breakPath(page, '**/api/me', 400, 'malformed')
  await page.goto('/employees')
  await expect(page.getByRole('alert')).toContainText('req-broken')
  await expectAccessibleInBothThemes(page, 'error')
})

test('menus, palette and invitation are accessible', async ({ page, open }) => {
  await open('/employees', { as: 'ADMIN' })
  await page.getByRole('button', { name: 'Actions for Ada Brandt' }).click()
  await expect(page.getByRole('menuitem', { name: 'View day' })).toBeFocused()
  await expectAccessibleInBothThemes(page, 'row menu')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^Account of/ }).click()
  await expect(page.getByRole('menuitem', { name: 'Profile' })).toBeFocused()
  await expectAccessibleInBothThemes(page, 'account menu')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('textbox', { name: 'Search or jump to' })).toBeVisible()
  await expectAccessibleInBothThemes(page, 'palette')
  await page.goto('/employees?invite=true')
  await expect(page.getByRole('dialog', { name: 'Invite somebody' })).toBeVisible()
  // The list behind it fades from waiting to filled; half-way there is nothing to judge.
  await expect(page.getByText('Ada Brandt').first()).toBeVisible()
  await expectAccessibleInBothThemes(page, 'invite')
})

test('calendar and lightbox are accessible', async ({ page, open }) => {
  await open(`/employees/${ADA}`, { as: 'ADMIN' })
  await page.getByRole('button', { name: /choose another day/ }).click()
  await expect(page.getByRole('button', { name: '15 November 2026' })).toBeVisible()
  await expectAccessibleInBothThemes(page, 'calendar')
  await page.keyboard.press('Escape')
  await page
    .getByRole('button', { name: /^Open screenshot/ })
    .first()
    .click()
  const lightbox = page.getByRole('dialog', { name: /^Screenshot 1 of/ })
  await expect(lightbox.getByRole('img').first()).toBeVisible()
  await expectAccessibleInBothThemes(page, 'lightbox')
})

test('the skip link leads to the content, and the palette anywhere', async ({ page, open }) => {
  await open('/dashboard/admin', { as: 'ADMIN' })
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused()
  await page.keyboard.press('Control+k')
  await page.getByRole('textbox', { name: 'Search or jump to' }).fill('ada')
  await page.getByRole('button', { name: /Ada Brandt/ }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Ada Brandt' })).toBeVisible()
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
  await expect(page).toHaveTitle('Ada Brandt - Acme Ltd')
})

test('the owner finds companies in the palette', async ({ page, open }) => {
  await open('/owner/dashboard', { as: 'OWNER' })
  await expect(page.getByRole('heading', { name: 'Companies' })).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.getByRole('textbox', { name: 'Search or jump to' }).fill('acme')
  await page.getByRole('button', { name: /Acme Ltd/ }).click()
  await expect(page).toHaveURL(new RegExp(`/owner/company/${ACME}$`))
})

test('the theme is the system’s until somebody chooses, and then stays', async ({ page, open }) => {
  await page.emulateMedia({ colorScheme: 'dark' })
  await open('/dashboard/admin', { as: 'ADMIN' })
  const root = page.locator('html')
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await page.getByRole('button', { name: 'Use the light theme' }).click()
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'light')
  await page.reload()
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'light')
})

test('the page carries a fresh nonce, and the policy names it', async ({ page, request }) => {
  const [first, second] = [await request.get('/login'), await request.get('/login')]
  const nonce = (text: string) => /name="csp-nonce" content="([0-9a-f]{32})"/.exec(text)?.[1]
  const given = nonce(await first.text())
  expect(given).toBeTruthy()
  expect(given).not.toBe(nonce(await second.text()))
  expect(first.headers()['content-security-policy']).toContain(`style-src 'self' 'nonce-${given}'`)
  expect(page).toBeTruthy()
})
