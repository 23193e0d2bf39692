// The whole story: a company is made, its admin and an employee join, the employee's real agent records on a
// virtual desktop, admin and employee see that day, and the owner sees numbers and nothing else.
import { readFile } from 'node:fs/promises'
import { type Browser, expect, type Page, test } from '@playwright/test'
import { accept, invite, makeCompany, PASSWORD, Person, Stack, stop } from './stack.ts'

const TITLE = 'Quarterly report draft'
const EMPLOYEE = { name: 'Grace Hopper', email: 'grace@acme.test' }

let stack: Stack
test.beforeAll(async () => {
  stack = await Stack.make()
})
test.afterAll(async () => {
  await stack.end()
})

/** A person's own browser; every answer of the API under a path is kept. */
async function person(browser: Browser, baseURL: string, kept = '/api/'): Promise<{ page: Page; answers: string[] }> {
  const page = await (await browser.newContext({ baseURL })).newPage()
  const answers: string[] = []
  page.on('response', async (response) => {
    if (response.url().includes(kept)) answers.push(await response.text().catch(() => ''))
  })
  return { page, answers }
}

/** A picture for whoever wants to look; not committed. */
async function seen(page: Page, name: string) {
  await page.screenshot({ path: `test-results/seen/${name}.png`, fullPage: true })
}

test('a person is recorded, the company sees the day, the owner sees counts', async ({ browser }) => {
  // It is every step of everybody, more than a minute of it at work.
  test.setTimeout(480_000)
  const { url, ownerLink } = await stack.server()
  const owner = await person(browser, url, '/api/owner/')
  const admin = await person(browser, url)
  const employee = await person(browser, url)

  const { key, adminLink } = await test.step('the owner comes in and creates a company', () =>
    makeCompany(owner.page, ownerLink, 'Acme', 'ada@acme.test'))

  const employeeLink = await test.step('the admin joins, has a picture taken every minute and invites an employee', async () => {
    await accept(admin.page, adminLink, 'Ada Admin')
    const link = await invite(admin.page, EMPLOYEE.email)
    await (await Person.on(admin.page)).recordAllDay({ screenshot_interval_seconds: 60 })
    return link
  })

  await test.step('the employee joins', async () => {
    await accept(employee.page, employeeLink, EMPLOYEE.name)
    await expect(employee.page).toHaveURL(/\/dashboard\/user/)
  })

  await test.step('the agent records a titled terminal that is typed into, and the admin sees who works', async () => {
    const desktop = await stack.desktop(TITLE)
    const agent = stack.agent({ DISPLAY: desktop.display })
    await agent.login(url, key, EMPLOYEE.email, PASSWORD)
    const recording = agent.run('--sync-interval', '2')
    const page = admin.page
    await page.goto('/live')
    const working = page.getByRole('table', { name: 'Working', exact: true })
    const shown = expect(working.getByRole('row', { name: new RegExp(EMPLOYEE.name) })).toBeVisible({ timeout: 70_000 })
    // More than a minute, so that the owner's whole minutes have one to show.
    for (let second = 0; second < 75; second += 3) {
      await desktop.xdotool('type', 'numbers ')
      await new Promise((done) => setTimeout(done, 3_000))
    }
    await shown
    await seen(page, 'admin-live')
    await stop(recording)
  })

  await test.step('a rule sorts what was recorded before it', async () => {
    const page = admin.page
    await page.goto('/usage?by=category')
    await expect(page.getByRole('link', { name: 'Unclassified', exact: true })).toBeVisible({ timeout: 60_000 })
    await page.goto('/rules')
    await page.getByRole('button', { name: 'Make the first rule' }).click()
    const dialog = page.getByRole('dialog', { name: 'New rule' })
    await dialog.getByRole('combobox', { name: 'Looks at' }).selectOption('title')
    await dialog.getByRole('textbox', { name: 'Pattern' }).fill(`*${TITLE}*`)
    await dialog.getByRole('button', { name: 'Add rule' }).click()
    await expect(page.getByRole('row').filter({ hasText: TITLE })).toContainText('Productive')
    await expect(page.getByText('All recorded days follow these rules.')).toBeVisible({ timeout: 90_000 })
    await expect(page.getByText('Recorded time is being sorted anew')).toBeHidden({ timeout: 60_000 })
    const trial = page.getByRole('region', { name: 'Try the rules' })
    await trial.getByRole('textbox', { name: 'Title' }).fill(`${TITLE} - terminal`)
    await trial.getByRole('button', { name: 'Try' }).click()
    await expect(trial.getByText('Rule 1 decides')).toBeVisible()
    await page.goto('/usage?by=category')
    await expect(page.getByRole('link', { name: 'Productive', exact: true })).toBeVisible()
    await seen(page, 'categories')
  })

  await test.step('the admin sees the window and its picture, and the employee at once that they looked', async () => {
    const grace = await Person.on(employee.page)
    const looks = async () => (await (await grace.ask('/api/me/access-entries')).json()).items
    const theirs = expect.objectContaining({ viewer_name: 'Ada Admin', kind: 'timeline' })
    expect(await looks()).not.toContainEqual(theirs)
    await admin.page.goto('/employees')
    const day = admin.page.waitForResponse(/\/api\/timeline\?/)
    await admin.page.getByRole('link', { name: EMPLOYEE.name }).click()
    await day
    expect(await looks()).toContainEqual(theirs)
    await expect(admin.page.getByRole('heading', { level: 1, name: EMPLOYEE.name })).toBeVisible()
    await expect(admin.page.getByText(TITLE).first()).toBeVisible()
    const picture = admin.page.getByRole('button', { name: /^Open screenshot/ }).first()
    await expect(picture).toBeVisible()
    // Pictures are fetched when they come near the window.
    await picture.scrollIntoViewIfNeeded()
    await expect(picture.getByRole('img')).toHaveJSProperty('complete', true)
    await picture.click()
    await expect(admin.page.getByRole('dialog').getByRole('img', { name: EMPLOYEE.name })).toBeVisible()
    await seen(admin.page, 'admin-picture')
    await admin.page.keyboard.press('Escape')
    await seen(admin.page, 'admin-day')
  })

  await test.step('the admin opens its original with a reason', async () => {
    await admin.page.goto('/screenshots')
    await admin.page.getByRole('combobox', { name: 'Person' }).fill(EMPLOYEE.name)
    await admin.page.getByRole('option', { name: EMPLOYEE.name }).click()
    await admin.page.getByRole('button', { name: /^Open screenshot/ }).first().click()
    const dialog = admin.page.getByRole('dialog', { name: /^Screenshot/ })
    await expect(dialog.getByText('Blurred by the server')).toBeVisible()
    await seen(admin.page, 'admin-blurred')
    await dialog.getByRole('button', { name: 'Show original…' }).click()
    await dialog.getByRole('combobox', { name: 'Why do you need it?' }).selectOption('incident')
    await dialog.getByRole('textbox', { name: 'In your words' }).fill('Which terminal it was')
    await dialog.getByRole('button', { name: 'Show original', exact: true }).click()
    await expect(dialog.getByText('The original.')).toBeVisible()
    await seen(admin.page, 'admin-original')
  })

  await test.step('the report of hours is kept as a file', async () => {
    const page = admin.page
    await page.goto('/reports?kind=hours&group=person')
    await expect(page.getByRole('table', { name: 'Hours' }).getByRole('row', { name: new RegExp(EMPLOYEE.name) })).toBeVisible()
    await page.getByRole('button', { name: 'Export' }).click()
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'CSV', exact: true }).click(),
    ])
    const [head = '', ...rows] = (await readFile(await file.path(), 'utf8')).trim().split('\r\n')
    const tracked = head.split(',').indexOf('tracked_seconds')
    const hers = rows.find((row) => row.includes(`,${EMPLOYEE.name},`))?.split(',') ?? []
    // Sums are at most a minute behind.
    expect(Number(hers[tracked])).toBeGreaterThan(0)
  })

  await test.step('the employee sees the same', async () => {
    await employee.page.reload()
    await expect(employee.page.getByText(TITLE).first()).toBeVisible()
    await expect(employee.page.getByRole('button', { name: /^Open screenshot/ }).first()).toBeVisible()
  })

  await test.step('the employee reads who looked, and why', async () => {
    await employee.page.getByRole('link', { name: 'Who looked' }).click()
    const look = employee.page.getByRole('row', { name: /An original picture/ })
    await expect(look).toContainText('Ada Admin')
    await expect(look).toContainText('Which terminal it was')
    await seen(employee.page, 'employee-looks')
  })

  await test.step('a colleague reaches nothing of it, whatever address they try', async () => {
    const { id } = await (await (await Person.on(employee.page)).ask('/api/me')).json()
    await admin.page.goto('/dashboard/admin')
    const link = await invite(admin.page, 'bob@acme.test')
    const { page, answers } = await person(browser, url)
    await accept(page, link, 'Bob Colleague')
    await expect(page).toHaveURL(/\/dashboard\/user/)
    for (const address of [
      `/employees/${id}`,
      `/employees/${id}?tab=screenshots`,
      '/employees',
      '/live',
      `/dashboard/user?user=${id}`,
      `/usage?person=${id}`,
      `/screenshots?person=${id}`,
      '/sessions?q=Grace',
      '/manual-times?q=Grace',
      '/disputes?q=Grace',
      `/tasks?assignee=${id}`,
      `/reports?kind=timeline&person=${id}`,
      '/audit',
    ]) {
      await page.goto(address)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await page.waitForLoadState('networkidle')
    }
    expect(answers.length).toBeGreaterThan(20)
    const everything = answers.join('\n')
    for (const secret of [EMPLOYEE.name, EMPLOYEE.email, 'Grace', TITLE]) expect(everything).not.toContain(secret)
  })

  await test.step('the owner sees minutes and counts, and nobody', async () => {
    const counted = async () => {
      const answer = await owner.page.request.post('/api/auth/refresh', { headers: { 'x-requested-with': 'tracker' } })
      const { access_token } = await answer.json()
      const companies = await owner.page.request.get('/api/owner/companies', {
        headers: { authorization: `Bearer ${access_token}` },
      })
      const [acme] = (await companies.json()).items
      return { minutes: acme.active_minutes_30d > 0, screenshots: acme.screenshots_30d > 0, sessions: acme.sessions_30d }
    }
    await expect.poll(counted, { timeout: 120_000 }).toEqual({ minutes: true, screenshots: true, sessions: 1 })
    await owner.page.goto('/owner/dashboard')
    await owner.page.getByRole('link', { name: 'Acme' }).first().click()
    await expect(owner.page.getByText('You see counts only').first()).toBeVisible()
    await owner.page.waitForLoadState('networkidle')
    await seen(owner.page, 'owner-company')
    expect(owner.answers.length).toBeGreaterThan(4)
    const everything = owner.answers.join('\n') + (await owner.page.locator('body').innerText())
    for (const secret of [EMPLOYEE.name, EMPLOYEE.email, 'Grace', TITLE, 'XTerm', 'xterm']) {
      expect(everything).not.toContain(secret)
    }
  })
})
