// Teams, lists of invitations, and what is found about one person besides the day.

import { expectAccessible, expectNoSideScroll } from './a11y'
import { ADA } from './pages'
import { breakPath, expect, test } from './world'

test.describe('teams', () => {
  test('are made, renamed, filled and deleted', async ({ page, open }) => {
    await open('/dashboard/admin', { as: 'ADMIN' })
    await page.getByRole('link', { name: 'Teams' }).click()
    await expect(page).toHaveTitle('Teams - Acme Ltd')
    await page.getByRole('button', { name: 'New team' }).click()
    const making = page.getByRole('dialog', { name: 'New team' })
    await making.getByRole('textbox', { name: 'Name' }).fill('sales')
    await making.getByRole('button', { name: 'Make team' }).click()
    await expect(making.getByRole('alert')).toContainText('There is a team of this name')
    await making.getByRole('textbox', { name: 'Name' }).fill('Support')
    await making.getByRole('button', { name: 'Make team' }).click()
    const support = page.getByRole('row', { name: /Support/ })
    await expect(support).toBeVisible()

    await page.getByRole('button', { name: 'Actions for Support' }).click()
    await page.getByRole('menuitem', { name: 'Add people' }).click()
    const adding = page.getByRole('dialog', { name: 'Add people to Support' })
    await adding.getByRole('checkbox', { name: 'Carla Mendes' }).check()
    await expectAccessible(page, 'add people')
    await adding.getByRole('button', { name: 'Add 1 person' }).click()
    await expect(page.getByText('1 person is in Support now.')).toBeVisible()

    await support.getByRole('link', { name: 'Support' }).click()
    await expect(page.getByRole('row', { name: /Carla Mendes/ })).toContainText('Support')
    await expect(page.getByRole('row')).toHaveCount(2)
    await page.goBack()
    await page.getByRole('button', { name: 'Actions for Support' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    const deleting = page.getByRole('dialog', { name: 'Delete Support?' })
    await expect(deleting).toContainText('1 person will be in no team.')
    await deleting.getByRole('button', { name: 'Delete' }).click()
    await expect(support).toHaveCount(0)
  })

  test('are read only while the company is suspended', async ({ page, open }) => {
    await open('/teams', { as: 'ADMIN', status: 'SUSPENDED' })
    await expect(page.getByRole('button', { name: 'New team' })).toHaveAttribute(
      'aria-disabled',
      'true',
    )
  })
})

test.describe('a list of invitations', () => {
  test('shows what is wrong with its rows, and goes on without them', async ({ page, open }) => {
    await open('/employees?invite=true', { as: 'ADMIN' })
    await page.getByRole('button', { name: 'Invite many at once' }).click()
    const dialog = page.getByRole('dialog', { name: 'Invite many' })
    await dialog
      .getByRole('textbox', { name: 'Addresses' })
      .fill('Nina <nina@acme.test>; carla@acme.test\nnonsense, otto@acme.test')
    await expect(dialog.getByRole('status')).toHaveText('4 people found')
    await dialog.getByRole('button', { name: 'Invite 4 people' }).click()
    const wrong = dialog.getByRole('alert')
    await expect(wrong).toContainText('Nobody is invited yet: 2 rows are wrong')
    await expect(wrong.getByRole('row', { name: /nonsense/ })).toContainText('no e-mail address')
    await expectAccessible(page, 'wrong rows')
    await dialog.getByRole('button', { name: 'Invite the other 2' }).click()
    await expect(page.getByText('2 people are invited.')).toBeVisible()
    await expect(page.getByRole('row', { name: /nina@acme.test/ })).toContainText('Invited')
  })

  test('is read from a file, and refused whole where seats are missing', async ({ page, open }) => {
    await open('/employees?invite=true', { as: 'ADMIN' })
    await page.getByRole('button', { name: 'Invite many at once' }).click()
    const rows = Array.from({ length: 9 }, (_, number) => `Person ${number};p${number}@acme.test`)
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Open a CSV file' }).click()
    await (await chooser).setFiles({
      name: 'people.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(['Name;E-Mail', ...rows].join('\r\n')),
    })
    await page.getByRole('button', { name: 'Invite 9 people' }).click()
    await expect(page.getByRole('alert')).toContainText('The plan has 20 seats: 7 are left.')
  })

  test('is sent again and taken back', async ({ page, open }) => {
    await open('/employees?status=invited', { as: 'ADMIN' })
    const actions = page.getByRole('button', { name: 'Actions for mara@acme.test' })
    await actions.click()
    await page.getByRole('menuitem', { name: 'Send again' }).click()
    await page.getByRole('button', { name: 'Send again' }).click()
    await expect(page.getByRole('textbox', { name: 'Invitation link' })).toHaveValue(/\/invite\//)
    await page.getByRole('button', { name: 'Done' }).click()
    await actions.click()
    await page.getByRole('menuitem', { name: 'Take back' }).click()
    await page.getByRole('button', { name: 'Take back' }).click()
    await expect(page.getByText('Nobody matches')).toBeVisible()
  })
})

test.describe('one person', () => {
  test('has devices, which are revoked after a question', async ({ page, open }) => {
    await open(`/employees/${ADA}`, { as: 'ADMIN' })
    await page.getByRole('tab', { name: 'Devices' }).click()
    await expect(page).toHaveURL(/tab=devices/)
    await page.getByRole('button', { name: 'Revoke thinkpad-07' }).click()
    const dialog = page.getByRole('dialog', { name: 'Revoke thinkpad-07?' })
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
    await expectAccessible(page, 'revoke device')
    await dialog.getByRole('button', { name: 'Revoke' }).click()
    await expect(page.getByRole('row', { name: /thinkpad-07/ })).toContainText('Refused')
    await page.getByRole('tab', { name: 'Settings' }).click()
    await expect(page.getByRole('row', { name: /Idle after/ })).toContainText('Team Development')
    await page.getByRole('tab', { name: 'Access log' }).click()
    await expect(page.getByRole('row', { name: /Bruno Keller/ }).first()).toBeVisible()
  })

  test('has tasks, open ones first, which open where they are', async ({ page, open }) => {
    await open(`/employees/${ADA}`, { as: 'ADMIN' })
    await page.getByRole('tab', { name: 'Tasks' }).click()
    await expect(page).toHaveURL(/tab=tasks/)
    const tasks = page.getByRole('region', { name: 'Tasks', exact: true })
    await expect(tasks.getByRole('row').nth(3)).toBeVisible()
    const statuses = await tasks
      .getByRole('row')
      .getByRole('cell')
      .filter({ hasText: /^(Open|In progress|Done|Cancelled)$/ })
      .allTextContents()
    const order = ['Open', 'In progress', 'Done', 'Cancelled']
    const places = statuses.map((status) => order.indexOf(status))
    expect(places.length).toBeGreaterThan(2)
    expect(places).toEqual(places.toSorted())
    await tasks.getByRole('columnheader', { name: 'Estimate' }).getByRole('button').click()
    await expect(page).toHaveURL(/sort=-estimate_seconds/)
    const task = tasks.getByRole('row').nth(1).getByRole('button')
    const title = (await task.textContent()) ?? ''
    await task.click()
    await expect(page).toHaveURL(/task=/)
    const dialog = page.getByRole('dialog', { name: title })
    await dialog.getByRole('tab', { name: 'Time' }).click()
    await expectAccessible(page, 'task of a person')
    await page.keyboard.press('Escape')
    await expect(dialog).toBeHidden()
    await expect(page).not.toHaveURL(/[?&]task=/)
    await expectAccessible(page, 'tasks of a person')
    await tasks.getByRole('link', { name: 'Filter in Tasks' }).click()
    await expect(page).toHaveURL(/\/tasks\?.*assignee=/)
    await expect(page.getByRole('combobox', { name: 'Assignee' })).toHaveValue('Ada Brandt')
  })

  test('without a task says so', async ({ page, open }) => {
    await open(`/employees/${ADA}?tab=tasks`, { as: 'ADMIN', empty: true })
    await expect(page.getByText('Nothing is assigned to this person.')).toBeVisible()
  })

  test('says when the tasks could not be read', async ({ page, open }) => {
    await open('/employees', { as: 'ADMIN' })
    await breakPath(page, '**/api/tasks?**', 500, 'internal')
    await page.goto(`/employees/${ADA}?tab=tasks`)
    await expect(page.getByText('Something broke on our side.')).toBeVisible()
  })

  for (const tab of ['tasks', 'devices', 'settings', 'access'])
    test(`reads on a phone, ${tab}`, async ({ page, open }) => {
      await page.setViewportSize({ width: 320, height: 700 })
      await open(`/employees/${ADA}?tab=${tab}`, { as: 'ADMIN' })
      await expect(page.getByRole('tabpanel')).toBeVisible()
      await expectNoSideScroll(page, tab)
    })
})

test('the list of people is sorted and filtered by its address', async ({ page, open }) => {
  await open('/employees', { as: 'ADMIN' })
  await page.getByRole('button', { name: 'Team' }).click()
  await expect(page).toHaveURL(/sort=team/)
  await expect(page.getByRole('columnheader', { name: 'Team' })).toHaveAttribute(
    'aria-sort',
    'ascending',
  )
  await page.getByRole('combobox', { name: 'Role' }).selectOption('ADMIN')
  await expect(page.getByRole('row')).toHaveCount(2)
  await page.goto('/employees?sort=nonsense&role=KING')
  await expect(page.getByRole('row', { name: /Ada Brandt/ })).toBeVisible()
})

test.describe('somebody who left', () => {
  test('is removed for good after their address and the own password', async ({ page, open }) => {
    await open('/employees?status=deactivated', { as: 'ADMIN' })
    const actions = page.getByRole('button', { name: /^Actions for/ }).first()
    const name = (await actions.getAttribute('aria-label'))?.replace('Actions for ', '') ?? ''
    await actions.click()
    await page.getByRole('menuitem', { name: 'Remove for good' }).click()
    const dialog = page.getByRole('dialog', { name: `Remove ${name} for good?` })
    await expectAccessible(page, 'remove for good')
    const address = dialog.getByRole('textbox', { name: /^Type .* to confirm$/ })
    await address.fill('somebody@else.test')
    await dialog.getByRole('textbox', { name: 'Password' }).fill('demo-demo-demo')
    await dialog.getByRole('button', { name: 'Remove for good' }).click()
    await expect(dialog).toContainText('as it is written here')
    const label = await dialog.getByText(/^Type .* to confirm$/).textContent()
    await address.fill(label?.split(' ')[1] ?? '')
    await dialog.getByRole('button', { name: 'Remove for good' }).click()
    await expect(page).toHaveTitle('Removed people - Acme Ltd')
    await expect(page.getByRole('row')).toHaveCount(3)
    await expect(page.getByRole('row').nth(1)).toContainText('Nothing is left')
    await expectNoSideScroll(page, 'removed people')
    await page.goBack()
    await expect(page.getByRole('button', { name: `Actions for ${name}` })).toHaveCount(0)
  })
})
