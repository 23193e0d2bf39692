// The vendor's pages: the list of companies, a new one, one of them, and its dialogs.
import { readFile } from 'node:fs/promises'
import { PASSWORD } from '~/mocks/world'
import { ACME, BOLT, CEDAR } from './pages'
import { breakPath, expect, test } from './world'

test.describe('companies', () => {
  test('are counted, listed, and the silent ones named', async ({ page, open }) => {
    await open('/owner/dashboard', { as: 'OWNER' })
    await expect(page).toHaveTitle('Companies - Owner')
    await expect(page.getByRole('banner').getByTestId('company-name')).toHaveText('Owner portal')
    await expect(page.getByRole('row')).toHaveCount(9)
    await expect(page.getByText('2 running companies have been silent')).toBeVisible()
    await expect(page.getByText('Numbers of 09:18')).toBeVisible()
    await expect(page.getByText('3 active, 2 on trial, 1 suspended')).toBeVisible()
    await expect(page.getByText('8 % more than in the 30 days before')).toBeVisible()
    await expect(page.getByText('$697.00')).toBeVisible()
  })

  test('are searched, filtered and sorted in the address', async ({ page, open }) => {
    await open('/owner/dashboard', { as: 'OWNER' })
    await page.getByRole('searchbox', { name: 'Search companies' }).fill('b')
    await expect(page).toHaveURL(/q=b/)
    await page.getByLabel('Status').selectOption('SUSPENDED')
    await expect(page.getByRole('row')).toHaveCount(2)
    await page.reload()
    await expect(page.getByRole('link', { name: 'Bolt Logistics', exact: true })).toBeVisible()
    await page.getByRole('searchbox', { name: 'Search companies' }).fill('nothing like it')
    await expect(page.getByText('No company matches')).toBeVisible()
    await page.getByRole('link', { name: 'Clear filters' }).click()
    await expect(page.getByRole('row')).toHaveCount(9)
    await expect(page.getByRole('searchbox', { name: 'Search companies' })).toHaveValue('')
    await page.getByRole('button', { name: 'Storage' }).click()
    await expect(page).toHaveURL(/sort=-storage_bytes/)
    await expect(page.getByRole('columnheader', { name: 'Storage' })).toHaveAttribute(
      'aria-sort',
      'descending',
    )
    await expect(page.getByRole('row').nth(1)).toContainText('Delta Works')
  })

  test('go on page by page, and back', async ({ page, open }) => {
    await page.route('**/api/owner/companies?*', (route) => {
      const url = new URL(route.request().url())
      if (url.searchParams.has('limit')) return route.fallback()
      url.searchParams.set('limit', '3')
      return route.fallback({ url: url.href })
    })
    await open('/owner/dashboard', { as: 'OWNER' })
    await page.route('**/api/owner/companies?*', (route) => {
      const url = new URL(route.request().url())
      if (!url.searchParams.has('limit')) url.searchParams.set('limit', '3')
      return route.fallback({ url: url.href })
    })
    await page.reload()
    await expect(page.getByRole('row')).toHaveCount(4)
    await page.getByRole('button', { name: 'Next' }).click()
    await expect(page.getByRole('row').nth(1)).toContainText('Delta Works')
    await page.getByRole('button', { name: 'Previous' }).click()
    await expect(page.getByRole('row').nth(1)).toContainText('Acme Ltd')
  })

  test('are exported as a file of all that the filter lets through', async ({ page, open }) => {
    await open('/owner/dashboard?status=TRIAL', { as: 'OWNER' })
    for (const [format, item] of [
      ['csv', 'CSV'],
      ['xlsx', 'Excel (XLSX)'],
    ] as const) {
      const asked = page.waitForRequest(/companies\/export/)
      const entry = page.getByRole('menuitem', { name: item })
      await page.getByRole('button', { name: 'Export' }).click()
      const [download] = await Promise.all([page.waitForEvent('download'), entry.click()])
      expect(new URL((await asked).url()).search).toBe(`?status=TRIAL&sort=name&format=${format}`)
      expect(download.suggestedFilename()).toMatch(
        new RegExp(`^companies-\\d{4}-\\d\\d-\\d\\d\\.${format}$`),
      )
      const text = await readFile(await download.path(), 'utf8')
      expect(text).toContain('Elm Street Studio,TRIAL,FREE')
      expect(text).not.toContain('Acme')
      // A click on the button while its menu goes would only close it.
      await expect(entry).toBeHidden()
    }
  })

  test('that are too many for a file are refused with the reason', async ({ page, open }) => {
    await open('/owner/dashboard', { as: 'OWNER' })
    await breakPath(page, '**/api/owner/companies/export*', 409, 'export_too_large')
    await page.getByRole('button', { name: 'Export' }).press('Enter')
    await page.getByRole('menuitem', { name: 'CSV' }).press('Enter')
    await expect(page.getByText('Nothing was exported')).toBeVisible()
  })

  test('sort by status and by plan', async ({ page, open }) => {
    await open('/owner/dashboard?sort=-plan', { as: 'OWNER' })
    await expect(page.getByRole('columnheader', { name: 'Plan' })).toHaveAttribute(
      'aria-sort',
      'descending',
    )
    await expect(page.getByRole('row').nth(1)).toContainText('PRO')
    await page.getByRole('button', { name: 'Status' }).click()
    await expect(page).toHaveURL(/sort=status/)
    await expect(page.getByRole('row').nth(1)).toContainText('Active')
  })

  test('are none at first', async ({ page, open }) => {
    await open('/owner/dashboard', { as: 'OWNER', empty: true })
    await expect(page.getByText('No companies yet')).toBeVisible()
    await expect(page.getByRole('link', { name: 'Create the first company' })).toBeVisible()
  })

  test('fail with the id of the request, and come on the next try', async ({ page, open }) => {
    await open('/login', { as: 'OWNER' })
    const repair = await breakPath(page, '**/api/owner/companies?*', 400, 'cursor_invalid')
    await page.goto('/owner/dashboard')
    const alert = page.getByRole('alert').last()
    await expect(alert).toContainText('req-broken')
    await repair()
    await alert.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByRole('link', { name: 'Acme Ltd' })).toBeVisible()
  })
})

test.describe('a new company', () => {
  test('shows its key and link once, and is left only when they are stored', async ({
    page,
    open,
    context,
  }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await open('/owner/company/create', { as: 'OWNER' })
    await page.getByLabel('Company name').fill('Quay Street')
    await page.getByLabel('E-mail of the first admin').fill('first@quay.test')
    await page.getByRole('radio', { name: /PRO/ }).click()
    await page.getByRole('button', { name: 'Create company' }).click()
    await expect(page.getByText('Quay Street is created')).toBeVisible()
    await expect(page.getByLabel('Company key', { exact: true })).toHaveValue(
      /^company_[0-9a-f]{32}$/,
    )
    await expect(page.getByLabel('Invitation link', { exact: true })).toHaveValue(
      /\/invite\/fresh$/,
    )
    await page.getByRole('button', { name: 'Copy company key' }).click()
    await expect(page.getByText('Copied')).toBeVisible()
    const done = page.getByRole('button', { name: 'Open the company' })
    await expect(done).toBeDisabled()
    page.once('dialog', (dialog) => dialog.dismiss())
    await page.getByRole('link', { name: 'Companies' }).first().click()
    await expect(page.getByText('Quay Street is created')).toBeVisible()
    await page.getByLabel('I stored it').check()
    await done.click()
    await expect(page.getByRole('heading', { name: 'Quay Street' })).toBeVisible()
  })

  test('gets a short name that is free, and is told of one that is not', async ({ page, open }) => {
    await open('/owner/company/create', { as: 'OWNER' })
    const short = page.getByLabel('Short name')
    await page.getByLabel('Company name').fill('Acme Ltd')
    await expect(short).toHaveValue('acme-ltd-2')
    await expect(page.getByText('Free', { exact: true })).toBeVisible()
    await short.fill('acme-ltd')
    await expect(page.getByText('Another company has it. acme-ltd-2 is free.')).toBeVisible()
    await short.fill('')
    await expect(short).toHaveValue('acme-ltd-2')
  })

  test('is refused at the field that is wrong', async ({ page, open }) => {
    await open('/owner/company/create', { as: 'OWNER' })
    await page.getByRole('button', { name: 'Create company' }).click()
    await expect(page.getByText('Enter the company’s name.')).toBeVisible()
    await page.getByLabel('Company name').fill('Acme Ltd')
    await page.getByLabel('E-mail of the first admin').fill('a@acme.test')
    await page.getByRole('button', { name: 'Create company' }).click()
    await expect(page.getByText('That name is taken.')).toBeVisible()
  })
})

test.describe('a company', () => {
  test('shows counts only, and says so', async ({ page, open }) => {
    await open(`/owner/company/${ACME}/`, { as: 'OWNER' })
    await expect(page.getByText('You see counts only')).toBeVisible()
    await expect(
      page.getByRole('heading', { name: 'How much active time each day?' }),
    ).toBeVisible()
    await page.getByLabel('Measure', { exact: true }).selectOption('sessions')
    await expect(page).toHaveURL(/show=sessions/)
    await page.getByRole('button', { name: 'Show as table' }).click()
    await expect(page.getByRole('table', { name: 'How many sessions each day?' })).toBeVisible()
    await expect(page.getByRole('region', { name: 'History' })).toContainText('Plan changed')
  })

  test('moves to another plan, and to a smaller one only when forced', async ({ page, open }) => {
    await open(`/owner/company/${ACME}/change-plan/`, { as: 'OWNER' })
    const dialog = page.getByRole('dialog', { name: 'Change the plan of Acme Ltd' })
    await dialog.getByRole('radio', { name: /FREE/ }).click()
    await dialog.getByRole('button', { name: 'Change to FREE' }).click()
    await expect(dialog.getByRole('alert')).toContainText('18 active employees, the plan allows 5.')
    await dialog.getByLabel('Change it all the same').check()
    await dialog.getByRole('button', { name: 'Change to FREE' }).click()
    await expect(dialog).toBeHidden()
    await expect(page).toHaveURL(new RegExp(`/owner/company/${ACME}$`))
    await expect(page.getByRole('region', { name: 'Plan' })).toContainText('FREE')
  })

  test('gets a smaller plan when its period ends, unless that is withdrawn', async ({
    page,
    open,
  }) => {
    await open(`/owner/company/${ACME}/change-plan`, { as: 'OWNER' })
    const dialog = page.getByRole('dialog', { name: 'Change the plan of Acme Ltd' })
    await dialog.getByRole('radio', { name: /ENTERPRISE/ }).click()
    await expect(dialog.getByRole('table', { name: 'What changes' })).toContainText(
      '400.00 a month',
    )
    await expect(dialog.getByRole('radio', { name: 'At once' })).toBeHidden()
    await dialog.getByRole('radio', { name: /FREE/ }).click()
    await dialog.getByRole('radio', { name: /when the period that is paid for ends/ }).check()
    await expect(dialog.getByText('only growth is refused')).toBeVisible()
    await dialog.getByRole('button', { name: 'Plan the change to FREE' }).click()
    const plan = page.getByRole('region', { name: 'Plan', exact: true })
    await expect(plan).toContainText(/FREE from .* on/)
    await expect(plan).toContainText('PRO')
    await plan.getByRole('link', { name: 'Withdraw' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw the change' }).click()
    await expect(plan).not.toContainText('FREE')
  })

  test('begins to pay, goes on, and leaves', async ({ page, open }) => {
    await open(`/owner/company/${CEDAR}`, { as: 'OWNER' })
    const dialog = page.getByRole('dialog')
    await page.getByRole('link', { name: 'Activate' }).click()
    await expect(dialog).toContainText('0.00 a month for FREE')
    await dialog.getByRole('button', { name: 'Activate' }).click()
    await expect(dialog).toBeHidden()
    const plan = page.getByRole('region', { name: 'Plan', exact: true })
    await expect(plan).toContainText('Paid until')
    await page.getByRole('link', { name: 'Renew' }).click()
    await expect(dialog).toContainText('One more month of FREE')
    await dialog.getByRole('button', { name: 'Renew' }).click()
    await expect(page.getByText('Cedar and Daughters is renewed.')).toBeVisible()
    await page.getByRole('link', { name: 'Cancel subscription' }).click()
    await expect(dialog.getByRole('button', { name: 'Keep it' })).toBeFocused()
    await dialog.getByRole('button', { name: 'Cancel the subscription' }).click()
    await expect(dialog.getByText('Say why: the history keeps it.')).toBeVisible()
    await dialog.getByLabel('Reason').fill('Closes down')
    await dialog.getByRole('button', { name: 'Cancel the subscription' }).click()
    await expect(page.getByText(/Everything of it is erased on/)).toBeVisible()
    await page.getByRole('link', { name: 'Reactivate' }).click()
    await dialog.getByRole('button', { name: 'Reactivate' }).click()
    await expect(page.getByRole('link', { name: 'Cancel subscription' })).toBeVisible()
  })

  test('is suspended with a reason, and reactivated', async ({ page, open }) => {
    await open(`/owner/company/${ACME}`, { as: 'OWNER' })
    await page.getByRole('link', { name: 'Suspend' }).click()
    const dialog = page.getByRole('dialog', { name: 'Suspend Acme Ltd?' })
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
    await dialog.getByRole('button', { name: 'Suspend' }).click()
    await expect(dialog.getByText('Say why: the history keeps it.')).toBeVisible()
    await dialog.getByLabel('Reason').fill('Invoice is open')
    await dialog.getByRole('button', { name: 'Suspend' }).click()
    await expect(page.getByText('Acme Ltd is suspended.')).toBeVisible()
    await expect(page.getByText('Invoice is open').first()).toBeVisible()
    await page.getByRole('link', { name: 'Reactivate' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Reactivate' }).click()
    await expect(page.getByRole('link', { name: 'Suspend' })).toBeVisible()
  })

  test('gets a new key after the password, by keyboard alone', async ({ page, open }) => {
    await open(`/owner/company/${ACME}/rotate-key`, { as: 'OWNER' })
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
    await dialog.getByLabel('Your password').focus()
    await page.keyboard.type('wrong')
    await page.keyboard.press('Enter')
    await expect(dialog.getByRole('alert')).toContainText('Wrong password')
    await dialog.getByLabel('Your password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await expect(dialog.getByLabel('Company key', { exact: true })).toHaveValue(/^company_77b2/)
    await page.keyboard.press('Escape')
    await expect(dialog).toBeVisible()
    await dialog.getByLabel('I stored it').check()
    await dialog.getByRole('button', { name: 'Done' }).click()
    await expect(page.getByRole('region', { name: 'Company key' })).toContainText('company_77b2')
  })

  test('ends a replaced key before its grace is over', async ({ page, open }) => {
    await open(`/owner/company/${ACME}/rotate-key`, { as: 'OWNER' })
    const dialog = page.getByRole('dialog')
    const days = dialog.getByLabel('Days the old key goes on working')
    await expect(days).toHaveValue('7')
    await days.fill('31')
    await dialog.getByLabel('Your password').fill(PASSWORD)
    await page.keyboard.press('Enter')
    await expect(dialog.getByText('0 to 30 days.')).toBeVisible()
    await days.fill('30')
    await page.keyboard.press('Enter')
    await dialog.getByLabel('I stored it').check()
    await dialog.getByRole('button', { name: 'Done' }).click()
    const key = page.getByRole('region', { name: 'Company key' })
    await expect(key).toContainText(/The old key ends in (30 d 00|29 d 23) h/)
    await expect(key).toContainText('20 devices still use it')
    await key.getByRole('link', { name: 'End the old key now' }).click()
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
    await dialog.getByLabel('Reason').fill('It leaked')
    await dialog.getByLabel('Your password').fill(PASSWORD)
    await dialog.getByRole('button', { name: 'End the old key' }).click()
    await expect(page.getByText('The old key has ended.')).toBeVisible()
    await expect(key).not.toContainText('The old key ends in')
  })

  test('keeps notes that their author deletes', async ({ page, open }) => {
    await open(`/owner/company/${ACME}`, { as: 'OWNER' })
    const notes = page.getByRole('region', { name: 'Notes' })
    await expect(notes).toContainText('No notes yet.')
    await notes.getByRole('button', { name: 'Add note' }).click()
    await expect(notes.getByText('Write something first.')).toBeVisible()
    await notes.getByLabel('New note').fill('Calls on Mondays.')
    await notes.getByRole('button', { name: 'Add note' }).click()
    await expect(notes.getByLabel('New note')).toHaveValue('')
    await expect(notes.getByRole('listitem')).toContainText('Calls on Mondays.')
    await notes.getByRole('link', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete this note?' })
    await expect(dialog).toContainText('Calls on Mondays.')
    await dialog.getByRole('button', { name: 'Delete the note' }).click()
    await expect(notes).toContainText('No notes yet.')
  })

  test('shows its key again after the password', async ({ page, open }) => {
    await open(`/owner/company/${ACME}`, { as: 'OWNER' })
    await page.getByRole('link', { name: 'Show key' }).click()
    const dialog = page.getByRole('dialog', { name: 'Key of Acme Ltd' })
    await dialog.getByLabel('Your password').fill(PASSWORD)
    await dialog.getByRole('button', { name: 'Show the key' }).click()
    await expect(dialog.getByLabel('Company key', { exact: true })).toHaveValue(/^company_3fa9/)
    await page.goBack()
    await expect(dialog).toBeHidden()
  })

  test('that is suspended says why, and offers to take it back', async ({ page, open }) => {
    await open(`/owner/company/${BOLT}`, { as: 'OWNER' })
    await expect(page.getByText('Invoice 1043 has been open for 60 days').first()).toBeVisible()
    await expect(page.getByRole('link', { name: 'Reactivate' })).toBeVisible()
  })

  test('of nobody is a page that does not exist', async ({ page, open }) => {
    await open('/owner/company/01939000-0000-7000-8000-00000000dead', { as: 'OWNER' })
    await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()
  })
})
