// The company's reports: which, by what, beside what, and as a file; an employee's are of the own days.
import { readFileSync } from 'node:fs'
import { expectAccessible } from './a11y'
import { ADA } from './pages'
import { breakPath, expect, test } from './world'

test('a report is grouped, compared, narrowed down and saved as a file', async ({ page, open }) => {
  await open('/dashboard/admin', { as: 'ADMIN' })
  await page.getByRole('link', { name: 'Reports' }).click()
  await expect(page).toHaveTitle('Reports - Acme Ltd')
  const hours = page.getByRole('table', { name: 'Hours', exact: true })
  await expect(hours.getByRole('columnheader')).toHaveText([
    'Employee',
    'Tracked',
    'Active',
    'Idle',
    'Days',
  ])
  await page.getByLabel('Then by').selectOption('Week')
  await page.getByLabel('Beside the days before').check()
  await expect(page).toHaveURL(/sub=week/)
  await expect(page).toHaveURL(/compare=true/)
  await expect(hours.getByText(/^before /).first()).toBeVisible()
  await expect(page.getByText('beside 22 Sept 2026 to 21 Oct 2026')).toBeVisible()
  await page.getByRole('tab', { name: 'Attendance' }).click()
  await expect(page.getByText('Late is who began after the hours')).toBeVisible()
  await page.getByRole('link', { name: 'Ada Brandt' }).first().click()
  await expect(page).toHaveURL(new RegExp(`person=${ADA}`))
  await expect(page.getByRole('combobox', { name: 'Employee' })).toHaveValue('Ada Brandt')
  await expect(page.getByLabel('By', { exact: true })).toHaveValue('day')
  await page.getByRole('button', { name: 'Export' }).click()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'CSV', exact: true }).click(),
  ])
  expect(file.suggestedFilename()).toBe('report-attendance-2026-11-20.csv')
  expect(readFileSync(await file.path(), 'utf8')).toMatch(/^group,tracked_seconds,first_clock/)
  await page.getByRole('button', { name: 'Export' }).click()
  const [paper] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'PDF', exact: true }).click(),
  ])
  expect(paper.suggestedFilename()).toBe('report-attendance-2026-11-20.pdf')
})

test('every report has its figures, and the address says which', async ({ page, open }) => {
  await open('/reports?kind=tasks&from=2026-11-09&to=2026-11-15', { as: 'ADMIN' })
  const tasks = page.getByRole('table', { name: 'Tasks' })
  await expect(tasks.getByRole('columnheader', { name: 'Estimate' })).toBeVisible()
  await expect(tasks.getByText(/ over$/).first()).toBeVisible()
  for (const [tab, header] of [
    ['Applications', 'Time'],
    ['Sites', 'Time'],
    ['Activity', 'Active share'],
    ['Productivity', 'Unproductive'],
    ['Attendance', 'Late days'],
  ] as const) {
    await page.getByRole('tab', { name: tab }).click()
    await expect(
      page.getByRole('table', { name: tab }).getByRole('columnheader', { name: header }),
    ).toBeVisible()
  }
  await expectAccessible(page, 'attendance')
  await page.goto(
    '/reports?kind=nonsense&group=app&sub=x&sort=y&person=z&from=2026-11-20&to=2026-11-01',
  )
  await expect(page.getByRole('table', { name: 'Hours', exact: true })).toBeVisible()
  await expect(page.getByLabel('By', { exact: true })).toHaveValue('person')
  await expect(page.getByLabel('From day')).toHaveValue('2026-10-22')
})

test('an employee reads the own days', async ({ page, open }) => {
  await open('/dashboard/user', { as: 'EMPLOYEE' })
  await page.getByRole('link', { name: 'Reports' }).click()
  await expect(page.getByText('Your own days in sums')).toBeVisible()
  await expect(page.getByLabel('Team')).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Saved' })).toHaveCount(0)
  await expect(page.getByLabel('By', { exact: true })).toHaveValue('day')
  await expect(page.getByRole('table', { name: 'Hours', exact: true })).toBeVisible()
})

test('nothing, and what did not load', async ({ page, open }) => {
  await open('/reports', { as: 'ADMIN', empty: true })
  await expect(page.getByText('Nothing was recorded in these days').first()).toBeVisible()
  await expectAccessible(page, 'nothing')
  await open('/reports', { as: 'ADMIN' })
  const mend = await breakPath(page, '**/api/reports?*', 400, 'malformed')
  await page.reload()
  await expect(page.getByRole('alert')).toHaveCount(1)
  await mend()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('table', { name: 'Hours', exact: true })).toBeVisible()
})

test('a report is saved, opened again, renamed, shared and deleted', async ({ page, open }) => {
  await open('/reports?kind=apps&group=team&from=2026-10-01&to=2026-10-31', { as: 'ADMIN' })
  await page.getByRole('button', { name: 'Saved' }).click()
  await page.getByRole('menuitem', { name: 'Save this report' }).click()
  const dialog = page.getByRole('dialog', { name: 'Save this report' })
  await expect(dialog.getByLabel('Name')).toHaveValue('Applications, last month')
  await expectAccessible(page, 'save')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  await page.getByRole('tab', { name: 'Tasks' }).click()
  await page.getByRole('button', { name: 'Saved' }).click()
  await page.getByRole('menuitem', { name: 'Applications, last month' }).click()
  await expect(page).toHaveURL(/kind=apps&from=2026-10-01&to=2026-10-31&group=team/)
  await page.getByRole('button', { name: 'Saved' }).click()
  await page.getByRole('menuitem', { name: 'Rename, share or delete' }).click()
  const all = page.getByRole('dialog', { name: 'Saved reports' })
  await expect(all.getByText('of Bruno Keller')).toBeVisible()
  await all.getByLabel('Name').fill('Programs of the teams')
  await all.getByRole('button', { name: 'Rename' }).click()
  await expect(all.getByRole('button', { name: 'Delete Programs of the teams' })).toBeVisible()
  await all.getByLabel('Other admins see it').click()
  await expect(all.getByLabel('Other admins see it')).toBeChecked()
  await all.getByRole('button', { name: 'Delete Programs of the teams' }).click()
  await expect(all.getByLabel('Name')).toHaveCount(0)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Saved' }).click()
  await page.getByRole('menuitem', { name: 'Who came late last week' }).click()
  await expect(page).toHaveURL(/kind=attendance&from=2026-11-09&to=2026-11-15&group=person&sub=day/)
})

test('a large report is made in the background, watched and fetched', async ({ page, open }) => {
  await open('/reports?kind=hours&sub=day', { as: 'ADMIN' })
  await page.getByRole('button', { name: 'Export' }).click()
  await page.getByRole('menuitem', { name: 'CSV, when it is ready' }).click()
  await expect(page).toHaveURL(/\/report-files$/)
  await expect(page.getByRole('progressbar', { name: 'Hours, done' })).toBeVisible()
  await expectAccessible(page, 'being made')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download Hours' }).click(),
  ])
  expect(file.suggestedFilename()).toBe('report-2026-11-20.csv')
})

test('a saved report is made regularly', async ({ page, open }) => {
  await open('/reports', { as: 'ADMIN' })
  await page.getByRole('button', { name: 'Saved' }).click()
  await page.getByRole('menuitem', { name: 'Save this report' }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'Saved' }).click()
  await page.getByRole('menuitem', { name: 'Rename, share or delete' }).click()
  const dialog = page.getByRole('dialog', { name: 'Saved reports' })
  await dialog.getByLabel('Made regularly').check()
  await dialog.getByLabel('On').selectOption('Friday')
  await dialog.getByLabel('At').selectOption('18:00')
  await expectAccessible(page, 'schedule')
  await dialog.getByRole('button', { name: 'Make it regularly' }).click()
  await expect(dialog.getByText('The next one is due')).toBeVisible()
  await dialog.getByRole('button', { name: 'Make it no more' }).click()
  await expect(dialog.getByText('The next one is due')).toHaveCount(0)
})
