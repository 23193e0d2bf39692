// Signing in, being sent back, choosing a company, losing the session, signing out everywhere.
import { CODE, PASSWORD } from '~/mocks/world'
import { breakPath, expect, test } from './world'

test.describe('sign-in', () => {
  test('leads to the start page of the role, by keyboard alone', async ({ page, open }) => {
    await open('/')
    await expect(page).toHaveURL(/\/login$/)
    await expect(page.getByLabel('E-mail')).toBeFocused()
    await page.keyboard.type('admin@acme.test')
    await page.keyboard.press('Tab')
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/\/dashboard\/admin$/)
    await expect(page).toHaveTitle('Overview - Acme Ltd')
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
  })

  test('leads back to the page that was asked for', async ({ page, open }) => {
    await open('/employees?q=ada')
    await expect(page).toHaveURL(/\/login\?next=/)
    await signIn(page, 'admin@acme.test')
    await expect(page).toHaveURL(/\/employees\?q=ada$/)
  })

  test('never leads to another site', async ({ page, open }) => {
    await open('/login?next=//evil.test/')
    await signIn(page, 'admin@acme.test')
    await expect(page).toHaveURL(/\/dashboard\/admin$/)
  })

  test('says what is wrong', async ({ page, open }) => {
    await open('/login')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByText('Enter your e-mail address.')).toBeVisible()
    await signIn(page, 'admin@acme.test', 'wrong')
    await expect(page.getByRole('alert')).toContainText(
      'The e-mail address or the password is wrong.',
    )
    await signIn(page, 'locked@demo.test')
    await expect(page.getByRole('alert')).toContainText('Try again in 40 seconds.')
    await signIn(page, 'gone@bolt.test')
    await expect(page.getByRole('alert')).toContainText('Your company is suspended')
  })

  test('asks for the company when there are several', async ({ page, open }) => {
    await open('/login')
    await signIn(page, 'two@demo.test')
    await expect(page.getByRole('heading', { name: 'Choose a company' })).toBeFocused()
    await page.getByRole('button', { name: 'Acme Ltd' }).click()
    await expect(page).toHaveURL(/\/dashboard\/admin$/)
  })
})

test('an ended session asks to sign in again, and goes on where it was', async ({ page, open }) => {
  const world = await open('/employees', { as: 'ADMIN' })
  await expect(page.getByRole('link', { name: 'Ada Brandt' })).toBeVisible()
  world.signOut()
  await breakPath(page, '**/api/employees?q=*', 401, 'unauthenticated')
  await page.getByRole('searchbox', { name: 'Search employees' }).fill('bruno')
  await expect(page.getByText('Your sign-in has ended.')).toBeVisible()
  await page.unrouteAll()
  expect(new URL(page.url()).searchParams.get('next')).toContain('/employees')
})

test('signing out in one tab signs the other out', async ({ page, open, context }) => {
  const world = await open('/dashboard/admin', { as: 'ADMIN' })
  const other = await context.newPage()
  await other.route('**/api/**', async (route) => {
    const request = route.request()
    const token = request.headers().authorization?.replace('Bearer ', '')
    await route.fulfill(world.handle(request.method(), request.url(), request.postData(), token))
  })
  await other.goto('/employees')
  await expect(other.getByRole('heading', { name: 'Employees' })).toBeVisible()
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/\/login$/)
  await expect(other).toHaveURL(/\/login$/)
})

test('an invitation sets a name and a password, and signs in', async ({ page, open }) => {
  await open('/invite/fresh')
  await expect(page.getByRole('heading', { name: 'Welcome to Acme Ltd' })).toBeVisible()
  await page.getByLabel('Your name').fill('Nora Neu')
  await page.getByLabel('Password', { exact: true }).fill('short')
  await page.getByRole('button', { name: 'Set password and sign in' }).click()
  await expect(page.getByText('Use at least 12 characters.')).toBeVisible()
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByLabel('Password again').fill(PASSWORD)
  await page.getByRole('button', { name: 'Set password and sign in' }).click()
  await expect(page).toHaveURL(/\/dashboard\/user$/)
})

test('the link of a first owner names no company', async ({ page, open }) => {
  await open('/invite/owner')
  await expect(page.getByRole('heading', { name: 'Welcome to this service' })).toBeVisible()
  await expect(page.getByText('You are invited as Owner.')).toBeVisible()
})

test('a used link says so', async ({ page, open }) => {
  await open('/invite/used')
  await expect(page.getByRole('heading', { name: 'This link is not valid any more' })).toBeVisible()
})

test('an employee of a suspended company is told so, and an admin reads on', async ({
  page,
  open,
}) => {
  await open('/dashboard/user', { as: 'EMPLOYEE', status: 'SUSPENDED' })
  await expect(page.getByRole('heading', { name: 'Your company is suspended' })).toBeVisible()
  await page.unrouteAll()
  await open('/employees', { as: 'ADMIN', status: 'SUSPENDED' })
  await expect(page.getByText('Acme Ltd is suspended')).toBeVisible()
  await expect(page.getByRole('link', { name: 'Ada Brandt' })).toBeVisible()
  const invite = page.getByRole('button', { name: 'Invite' })
  await expect(invite).toHaveAttribute('aria-disabled', 'true')
  // Forced: the test clicks where a person would, on something that looks disabled.
  await invite.click({ force: true })
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('a server that cannot be reached is told, and asked again', async ({ page, open }) => {
  await page.route('**/api/me', (route) => route.abort())
  await open('/dashboard/admin', { as: 'ADMIN' })
  await page.route('**/api/me', (route) => route.abort())
  await page.reload()
  await expect(page.getByRole('alert')).toContainText('No connection')
  await page.unroute('**/api/me')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
})

async function signIn(page: import('@playwright/test').Page, email: string, password = PASSWORD) {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

// The mock's ids are the same for everybody, as if another company's admin signed in in the same page.
test('what one person saw is gone when another signs in', async ({ page, open }) => {
  await open('/employees', { as: 'ADMIN' })
  await expect(page.getByText('Ada Brandt').first()).toBeVisible()
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/\/login/)
  // The list of the next one never comes: what is shown could only be what was kept.
  await page.route('**/api/employees*', () => undefined)
  await signIn(page, 'two@demo.test')
  await page.getByRole('button', { name: 'Delta Works' }).click()
  await page.getByRole('link', { name: 'Employees' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Employees' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'List of employees' })).toBeVisible()
  await expect(page.getByText('Ada Brandt')).toHaveCount(0)
})

test('a forgotten password is asked for, chosen, and asked for at sign-in', async ({
  page,
  open,
}) => {
  await open('/login')
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  await page.getByRole('button', { name: 'Mail me a link' }).click()
  await expect(page.getByText('Enter your e-mail address.')).toBeVisible()
  await page.getByLabel('E-mail').fill('employee@acme.test')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeFocused()
  await page.goto('/reset/fresh')
  await expect(page.getByLabel('E-mail')).toHaveValue('employee@acme.test')
  const choose = async (password: string) => {
    await page.getByLabel('New password', { exact: true }).fill(password)
    await page.getByLabel('New password again').fill(password)
    await page.getByRole('button', { name: 'Change password' }).click()
  }
  await choose('passwordpassword')
  await expect(page.getByText('one of the first a guesser would try').first()).toBeVisible()
  await choose('four words nobody combines')
  await expect(page.getByRole('heading', { name: 'Your password is changed' })).toBeFocused()
  await page.getByRole('link', { name: 'Go to sign-in' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
})

test('a used link to a new password leads to another one', async ({ page, open }) => {
  await open('/reset/used')
  await expect(page.getByRole('heading', { name: 'This link is not valid any more' })).toBeVisible()
  await page.getByRole('link', { name: 'Ask for a new link' }).click()
  await expect(page.getByRole('heading', { name: 'Forgot your password?' })).toBeVisible()
})

test('two-factor asks for a code after the password', async ({ page, open }) => {
  await open('/login')
  await signIn(page, 'second@acme.test')
  await expect(page.getByRole('heading', { name: 'Enter your code' })).toBeVisible()
  await page.getByLabel('Code', { exact: true }).fill('000000')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('alert')).toContainText('Wrong code')
  await page.getByLabel('Code', { exact: true }).fill(CODE)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/dashboard\/admin$/)
})
