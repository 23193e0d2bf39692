// The owner's work on one company: its key opens the door for an agent until it is replaced, and a plan that is too
// small is refused until the owner insists.
import { expect, test } from '@playwright/test'
import { accept, PASSWORD, Stack, codeAfter, setUpTwoFactor } from './stack.ts'

const ADMIN = 'ada@acme.test'

test('a key is replaced, a plan refused and forced, and all of it is in the audit log', async ({ browser }) => {
  const stack = await Stack.make()
  try {
    const { url, ownerLink } = await stack.server()
    const owner = await (await browser.newContext({ baseURL: url })).newPage()
    const admin = await (await browser.newContext({ baseURL: url })).newPage()
    const agent = stack.agent({})

    await accept(owner, ownerLink, 'Olga Owner')
    const authenticator = await setUpTwoFactor(owner)
    await expect(owner).toHaveURL(/\/owner\/dashboard/)
    await owner.goto('/owner/plans?create=true')
    const form = owner.getByRole('dialog', { name: 'New plan' })
    await form.getByRole('textbox', { name: 'Name' }).fill('SOLO')
    await form.getByLabel('Employees').fill('1')
    await form.getByLabel('Storage in GB').fill('1')
    await form.getByLabel('A month').fill('5')
    await form.getByRole('button', { name: 'Create plan' }).click()
    await expect(form).toBeHidden()

    await owner.goto('/owner/company/create')
    await owner.getByLabel('Company name').fill('Acme')
    await expect(owner.getByLabel('Short name')).toHaveValue('acme')
    await owner.getByLabel('E-mail of the first admin').fill(ADMIN)
    await owner.getByRole('button', { name: 'Create company' }).click()
    const key = await owner.getByRole('textbox', { name: 'Company key' }).inputValue()
    const link = await owner.getByRole('textbox', { name: 'Invitation link' }).inputValue()
    await owner.getByRole('checkbox', { name: 'I stored it' }).check()
    await owner.getByRole('button', { name: 'Open the company' }).click()
    await expect(owner.getByRole('heading', { level: 1, name: 'Acme' })).toBeVisible()
    const company = new URL(owner.url()).pathname

    await accept(admin, link, 'Ada Admin')
    await expect(admin).toHaveURL(/\/dashboard\/admin/)
    await admin.goto('/employees?invite=true')
    await admin.getByRole('dialog').getByLabel('E-mail').fill('bob@acme.test')
    await admin.getByRole('button', { name: 'Make invitation' }).click()
    await expect(admin.getByRole('textbox', { name: 'Invitation link' })).toBeVisible()
    await agent.login(url, key, ADMIN, PASSWORD)

    await owner.goto(`${company}/rotate-key`)
    const rotate = owner.getByRole('dialog')
    await rotate.getByLabel('Days the old key goes on working').fill('0')
    await rotate.getByLabel('Your password').fill(PASSWORD)
    await rotate.getByLabel('Code', { exact: true }).fill(codeAfter(authenticator))
    await rotate.getByRole('button', { name: 'Make a new key' }).click()
    const fresh = await owner.getByRole('textbox', { name: 'Company key' }).inputValue()
    expect(fresh).toMatch(/^company_[0-9a-f]{32}$/)
    expect(fresh).not.toBe(key)
    await expect(agent.login(url, key, ADMIN, PASSWORD)).rejects.toThrow(/key/)
    await agent.login(url, fresh, ADMIN, PASSWORD)

    // The number of seats is published within a minute.
    const seats = owner.getByText('2 of 5', { exact: false }).first()
    await expect(async () => {
      await owner.goto(company)
      await expect(seats).toBeVisible({ timeout: 2_000 })
    }).toPass({ timeout: 120_000 })
    await owner.goto(`${company}/change-plan`)
    const change = owner.getByRole('dialog')
    await change.getByRole('radio', { name: /SOLO/ }).check()
    await change.getByRole('button', { name: 'Change to SOLO' }).click()
    await expect(change.getByRole('alert')).toContainText('2 seats are in use, the plan has 1')
    await change.getByRole('checkbox', { name: 'Change it all the same' }).check()
    await change.getByRole('button', { name: 'Change to SOLO' }).click()
    await expect(change).toBeHidden()

    await owner.goto('/owner/audit')
    for (const done of ['Company plan changed', 'Company key rotated', 'Company created', 'Owner signed in']) {
      await expect(owner.getByRole('row', { name: new RegExp(done) })).toBeVisible()
    }
    await owner.screenshot({ path: 'test-results/seen/owner-audit.png', fullPage: true })
  } finally {
    await stack.end()
  }
})
