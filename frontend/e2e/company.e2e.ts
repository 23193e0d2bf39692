// The pages inside a company: overview, people, one person's day, one's own day.
import { PASSWORD } from '~/mocks/world'
import { ADA } from './pages'
import { breakPath, expect, test } from './world'

test.describe('the overview', () => {
  test('shows today, the days before and where the time goes', async ({ page, open }) => {
    await open('/dashboard/admin', { as: 'ADMIN' })
    await expect(page.getByRole('banner').getByTestId('company-name')).toHaveText('Acme Ltd')
    await expect(page.getByText('56 h 39 m').first()).toBeVisible()
    await expect(page.getByText('updated 15:19 in Europe/Berlin')).toBeVisible()
    await expect(page.getByRole('table', { name: 'Top applications' })).toContainText('Firefox')
    const hours = page.getByRole('region', { name: 'How many hours each day?' })
    await hours.getByRole('button', { name: 'Show as table' }).click()
    const table = page.getByRole('table', { name: 'How many hours each day?' })
    await expect(table.getByRole('row')).toHaveCount(15)
    await expect(table.getByRole('columnheader')).toHaveText([
      'Day',
      'All',
      'Development',
      'Sales',
      'In no team',
      'Active share',
    ])
    const target = page.getByRole('region', { name: /expected time was tracked/ })
    await expect(target).toContainText('08:00 to 18:30')
    await expect(target).toContainText('Breaks, holidays and absences are not known')
    await target.getByRole('button', { name: 'Show as table' }).click()
    await expect(target.getByRole('columnheader')).toHaveText(['Day', 'Tracked', 'Target', 'Share'])
    const week = page.getByRole('region', { name: 'When is work done?' })
    await expect(page.getByText('by this time')).toBeVisible()
    const cell = week.getByRole('gridcell', { name: /^Monday, 09:00/ })
    await expect(cell).toHaveAccessibleName('Monday, 09:00–10:00: 9 h 54 m')
    await cell.focus()
    // The pointer tells of another cell; the keyboard goes on from its own.
    await week.getByRole('gridcell', { name: /^Friday, 14:00/ }).hover()
    await expect(week).toContainText('Friday, 14:00–15:00')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    await expect(week.getByRole('gridcell', { name: /^Tuesday, 10:00/ })).toBeFocused()
    await expect(week.locator('[tabindex="0"][role="gridcell"]')).toHaveCount(1)
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowRight')
    await expect(week.getByRole('gridcell', { name: /^Tuesday, 23:00/ })).toBeFocused()
    await week.getByRole('button', { name: 'Show as table' }).click()
    await expect(week.getByRole('row')).toHaveCount(25)
    await expect(week.getByRole('row', { name: /^09:00–10:00/ })).toContainText('9 h 54 m')
    const devices = page.getByRole('table', { name: 'Devices to look after' })
    await expect(devices.getByRole('row')).toHaveCount(4)
    await expect(devices).toContainText('agent 0.0.9, newest is 0.1.0')
    await page.getByLabel('Range').selectOption('30')
    await expect(page).toHaveURL(/days=30/)
  })

  test('leads a new company through its first steps, and is put away', async ({ page, open }) => {
    await open('/dashboard/admin', { as: 'ADMIN', empty: true })
    const steps = page.getByRole('region', { name: 'First steps' })
    await expect(steps).toContainText('2 of 6 done')
    await expect(steps.getByRole('listitem').first()).toContainText(
      'Done: Look at what is recorded',
    )
    await expect(steps.getByRole('listitem').nth(2)).toContainText('To do: Set agents up')
    await steps.getByRole('button', { name: 'Put away' }).click()
    await expect(steps).toBeHidden()
    await page.getByRole('button', { name: 'Show the first steps again' }).click()
    await expect(steps).toBeVisible()
    await expect(page.getByText('Nothing to look after')).toBeVisible()
  })

  test('loses only the cards whose days failed', async ({ page, open }) => {
    await open('/login', { as: 'ADMIN' })
    await breakPath(page, '**/api/overview/**', 403, 'forbidden')
    await page.goto('/dashboard/admin')
    await expect(page.getByRole('alert')).toHaveCount(5)
    await expect(page.getByText('56 h 39 m').first()).toBeVisible()
  })

  test('of a company without data says what comes next', async ({ page, open }) => {
    await open('/dashboard/admin', { as: 'ADMIN', empty: true })
    await expect(page.getByText('Nothing was tracked in these days.')).toBeVisible()
    await page.getByRole('link', { name: 'Invite employees' }).click()
    await expect(page.getByRole('dialog', { name: 'Invite somebody' })).toBeVisible()
  })

  test('loses only the card whose figures failed', async ({ page, open }) => {
    await open('/login', { as: 'ADMIN' })
    await breakPath(page, '**/api/usage/apps?*', 403, 'forbidden')
    await page.goto('/dashboard/admin')
    await expect(
      page.getByRole('region', { name: 'Top applications' }).getByRole('alert'),
    ).toBeVisible()
    await expect(page.getByRole('table', { name: 'Top sites' })).toBeVisible()
  })

  test('shows the company key after the password, with the line to type', async ({
    page,
    open,
  }) => {
    await open('/dashboard/admin', { as: 'ADMIN' })
    await page.getByRole('button', { name: 'Show company key' }).click()
    const dialog = page.getByRole('dialog', { name: 'Key of Acme Ltd' })
    await dialog.getByLabel('Your password').fill('wrong')
    await dialog.getByRole('button', { name: 'Show the key' }).click()
    await expect(dialog.getByRole('alert')).toContainText('Wrong password')
    await dialog.getByLabel('Your password').fill(PASSWORD)
    await dialog.getByRole('button', { name: 'Show the key' }).click()
    await expect(
      dialog.getByText(/TRACKER_COMPANY_KEY=company_3fa9\S+ tracker-agent login/),
    ).toBeVisible()
  })
})

test.describe('employees', () => {
  test('are invited with a link that is shown once', async ({ page, open }) => {
    await open('/employees', { as: 'ADMIN' })
    await page.getByRole('button', { name: 'Invite' }).click()
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByLabel('E-mail')).toBeFocused()
    await dialog.getByLabel('E-mail').fill('employee@acme.test')
    await page.keyboard.press('Enter')
    await expect(dialog.getByText('This person is here already.')).toBeVisible()
    await dialog.getByLabel('E-mail').fill('nina@acme.test')
    await dialog.getByLabel('Admin').check()
    await dialog.getByRole('button', { name: 'Make invitation' }).click()
    await expect(dialog.getByLabel('Invitation link', { exact: true })).toHaveValue(/\/invite\//)
    await dialog.getByRole('button', { name: 'Done' }).click()
    await expect(page.getByRole('row', { name: /nina@acme.test/ })).toContainText('Invited')
  })

  test('are deactivated after a question, and reactivated', async ({ page, open }) => {
    await open('/employees?q=carla', { as: 'ADMIN' })
    await page.getByRole('button', { name: 'Actions for Carla Mendes' }).click()
    await page.getByRole('menuitem', { name: 'Deactivate' }).click()
    const dialog = page.getByRole('dialog', { name: 'Deactivate Carla Mendes?' })
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
    await dialog.getByRole('button', { name: 'Deactivate' }).click()
    await expect(page.getByRole('row', { name: /Carla Mendes/ })).toContainText('Deactivated')
    await page.getByRole('button', { name: 'Actions for Carla Mendes' }).click()
    await page.getByRole('menuitem', { name: 'Reactivate' }).click()
    await expect(page.getByText('Carla Mendes can sign in again.')).toBeVisible()
  })

  test('nobody deactivates themselves', async ({ page, open }) => {
    await open('/employees?q=bruno', { as: 'ADMIN' })
    await page.getByRole('button', { name: 'Actions for Bruno Keller' }).click()
    await expect(page.getByRole('menuitem', { name: 'Deactivate' })).toBeDisabled()
  })

  test('that do not match, or do not exist, are said to be none', async ({ page, open }) => {
    await open('/employees?q=zzz', { as: 'ADMIN' })
    await expect(page.getByText('Nobody matches')).toBeVisible()
    await page.getByRole('link', { name: 'Clear filters' }).click()
    await expect(page.getByRole('link', { name: 'Ada Brandt' })).toBeVisible()
  })

  test('that cannot be read say so with the request', async ({ page, open }) => {
    await open('/login', { as: 'ADMIN' })
    await breakPath(page, '**/api/employees*', 403, 'forbidden')
    await page.goto('/employees')
    await expect(page.getByRole('alert')).toContainText('Your role may not do this.')
    await expect(page.getByRole('alert')).toContainText('req-broken')
  })
})

test.describe('a day', () => {
  test('shows blocks, applications with titles, sites and pictures', async ({ page, open }) => {
    await open('/employees', { as: 'ADMIN' })
    await page.getByRole('link', { name: 'Ada Brandt' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Ada Brandt' })).toBeVisible()
    await expect(page.getByRole('img', { name: /^Ada Brandt: 08:55 to .* tracked/ })).toBeVisible()
    const apps = page.getByRole('region', { name: 'Applications' })
    await expect(apps.getByText(/tests\/rounding.rs - ledger/)).toBeVisible()
    await apps.getByRole('button', { name: /Visual Studio Code/ }).click()
    await expect(apps.getByText('README.md - ledger', { exact: true })).toBeVisible()
    await expect(page.getByRole('region', { name: 'Sites' })).toContainText('git.acme.test')
    const timeline = page.getByRole('region', { name: 'Timeline' })
    await timeline.getByRole('button', { name: 'Show as table' }).click()
    await expect(timeline.getByRole('table', { name: 'Blocks of the day' })).toBeVisible()
    await expect(timeline.getByText(/thinkpad-07/).first()).toBeVisible()
    await expect(page.getByText('Times in Europe/Berlin (GMT+1)').first()).toBeVisible()
  })

  test('is stepped through by buttons, keys and calendar, in the address', async ({
    page,
    open,
  }) => {
    await open(`/employees/${ADA}`, { as: 'ADMIN' })
    await expect(page.getByRole('button', { name: 'Next day' })).toBeDisabled()
    await page.getByRole('button', { name: 'Previous day' }).click()
    await expect(page).toHaveURL(/day=2026-11-19/)
    await page.keyboard.press('[')
    await expect(page).toHaveURL(/day=2026-11-18/)
    await page.keyboard.press(']')
    await expect(page).toHaveURL(/day=2026-11-19/)
    await page.getByRole('button', { name: /choose another day/ }).click()
    await page.getByRole('button', { name: '8 November 2026', exact: true }).click()
    await expect(page).toHaveURL(/day=2026-11-08/)
    await expect(page.getByText('Nothing was recorded on Sunday')).toBeVisible()
    await page.getByRole('button', { name: 'Today' }).click()
    await expect(page).not.toHaveURL(/day=/)
  })

  test('opens a picture, walks on by keys, and comes back to it', async ({ page, open }) => {
    await open(`/employees/${ADA}`, { as: 'ADMIN' })
    const first = page.getByRole('button', { name: /^Open screenshot/ }).first()
    await first.focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: /^Screenshot 1 of/ })
    await expect(dialog.getByRole('img', { name: 'Ada Brandt' })).toBeVisible()
    await expect(page).toHaveURL(/shot=/)
    await page.keyboard.press('ArrowRight')
    await expect(page.getByRole('dialog', { name: /^Screenshot 2 of/ })).toBeVisible()
    await page.keyboard.press('+')
    await expect(page.getByRole('button', { name: 'Smaller' })).toBeEnabled()
    await page.keyboard.press('ArrowLeft')
    await expect(dialog).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(dialog).toBeHidden()
    await expect(first).toBeFocused()
    await expect(page).not.toHaveURL(/shot=/)
  })

  test('opens the ten minutes of a click on the bar, minute by minute', async ({ page, open }) => {
    await open(`/employees/${ADA}`, { as: 'ADMIN' })
    const bar = page.getByRole('slider', { name: 'Walk through the day' })
    const box = await bar.boundingBox()
    await bar.click({ position: { x: (box?.width ?? 0) * 0.3, y: 40 } })
    await expect(page).toHaveURL(/at=2026-11-20T\d\d%3A\d0Z/)
    const minutes = page.getByRole('region', { name: /^\d\d:\d0 – \d\d:\d0$/ })
    await expect(minutes.getByRole('heading')).toBeFocused()
    await expect(minutes.getByRole('table', { name: 'Minute by minute' })).toBeVisible()
    await expect(minutes.getByText(/ active; observed: /)).toBeVisible()
    const address = page.url()
    await minutes.getByRole('button', { name: 'Ten minutes after' }).click()
    await expect(page).not.toHaveURL(address)
    await page.goBack()
    await expect(page).toHaveURL(address)
    await page.reload()
    await expect(minutes).toBeVisible()
    await expect(page.getByRole('heading', { level: 1, name: 'Ada Brandt' })).toBeVisible()
    await minutes.getByRole('button', { name: 'Close the minutes' }).click()
    await expect(minutes).toBeHidden()
    await expect(page).not.toHaveURL(/at=/)
  })

  test('shows a picture among its minutes, and comes back to it there', async ({ page, open }) => {
    await open(`/employees/${ADA}`, { as: 'ADMIN' })
    const timeline = page.getByRole('region', { name: 'Timeline' })
    await timeline.getByRole('button', { name: 'Show as table' }).click()
    const slots = page.getByRole('table', { name: 'Ten minutes each' })
    await slots.getByRole('button').nth(3).click()
    const minutes = page.getByRole('region', { name: /^\d\d:\d0 – \d\d:\d0$/ })
    const picture = minutes.getByRole('button', { name: /^Open screenshot/ }).first()
    await picture.click()
    await expect(page.getByRole('dialog', { name: /^Screenshot/ })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(picture).toBeFocused()
  })

  test('tells private time from time of which nothing is known', async ({ page, open }) => {
    await open(`/employees/${ADA}?day=2026-11-19&at=2026-11-19T11:20Z`, { as: 'ADMIN' })
    await expect(page.getByText('Private time: the agent was paused.')).toBeVisible()
    await page.goto(`/employees/${ADA}?day=2026-11-19&at=2026-11-19T03:00Z`)
    await expect(page.getByText('Nothing was recorded: no session was open.')).toBeVisible()
    await page.goto(`/employees/${ADA}?day=2026-11-19&at=2026-11-20T09:00Z`)
    await expect(page.getByRole('region', { name: 'Timeline' })).toBeVisible()
    await expect(page.getByText('no session was open')).toBeHidden()
  })

  test('that failed is asked for again', async ({ page, open }) => {
    await open('/login', { as: 'EMPLOYEE' })
    const repair = await breakPath(page, '**/api/timeline*', 400, 'malformed')
    await page.goto('/dashboard/user')
    await expect(page.getByRole('alert')).toContainText('req-broken')
    await repair()
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByRole('region', { name: 'Timeline' })).toBeVisible()
  })

  test('whose pictures cannot be loaded says which', async ({ page, open }) => {
    await open('/login', { as: 'EMPLOYEE' })
    await breakPath(page, '**/api/screenshots/**', 404, 'not_found')
    await page.goto('/dashboard/user')
    await page
      .getByRole('button', { name: /^Open screenshot/ })
      .first()
      .click()
    await expect(
      page.getByRole('dialog').getByText(/the picture could not be loaded/),
    ).toBeVisible()
  })
})

test.describe('my day', () => {
  test('is what the admin sees, and says in words what is recorded', async ({ page, open }) => {
    await open('/dashboard/user', { as: 'EMPLOYEE' })
    await expect(page).toHaveTitle('My day - Acme Ltd')
    await expect(page.getByRole('img', { name: /^Ada Brandt: .* tracked/ })).toBeVisible()
    await page.getByRole('link', { name: 'What is recorded' }).click()
    const words = page.getByRole('region', { name: 'What is recorded' })
    await expect(words).toBeInViewport()
    await expect(words).toContainText('What you type: keys are counted, not read.')
  })

  test('without anything says how to find out why', async ({ page, open }) => {
    await open('/dashboard/user', { as: 'EMPLOYEE', empty: true })
    await expect(page.getByText('Nothing was recorded on Friday')).toBeVisible()
    await expect(page.getByText('tracker-agent status')).toBeVisible()
  })
})
