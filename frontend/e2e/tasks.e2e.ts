// Tasks: found, written, moved on the board in each of the three ways, talked about, and an employee's own.

import { expectAccessible, expectAccessibleInBothThemes, expectNoSideScroll } from './a11y'
import { breakPath, expect, test } from './world'

test('tasks are found by every filter, and the address keeps them', async ({ page, open }) => {
  await open('/dashboard/admin', { as: 'ADMIN' })
  await page.getByRole('link', { name: 'Tasks' }).click()
  await expect(page).toHaveTitle('Tasks - Acme Ltd')
  const rows = page.getByRole('row')
  await expect(rows).toHaveCount(51)
  await page.getByRole('combobox', { name: 'Status', exact: true }).selectOption('done')
  await expect(page).toHaveURL(/status=done/)
  await expect(rows.filter({ hasNotText: 'Done' })).toHaveCount(1)
  await page.getByRole('combobox', { name: 'Status', exact: true }).selectOption('')
  await page.getByRole('combobox', { name: 'Due', exact: true }).selectOption('overdue')
  await expect(rows.nth(1)).toContainText('Overdue')
  await page.getByRole('combobox', { name: 'Due', exact: true }).selectOption('')
  await page.getByRole('combobox', { name: 'Assignee' }).fill('ada')
  await page.getByRole('option', { name: 'Ada Brandt' }).click()
  await expect(page).toHaveURL(/assignee=/)
  await page.reload()
  await expect(page.getByRole('combobox', { name: 'Assignee' })).toHaveValue('Ada Brandt')
  await expect(rows.filter({ hasText: 'Ada Brandt' })).toHaveCount(5)
  await expect(rows).toHaveCount(6)
  await page.getByRole('searchbox', { name: 'Search tasks' }).fill('nothing like it')
  await expect(page.getByText('No task matches')).toBeVisible()
  await page.getByRole('link', { name: 'Clear filters' }).click()
  await page.getByRole('button', { name: 'Task', exact: true }).click()
  await expect(page).toHaveURL(/sort=title/)
  await expect(rows.nth(1)).toContainText('Answer the requests')
  await page.getByRole('button', { name: 'Export' }).click()
  const saved = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'CSV' }).click()
  expect((await saved).suggestedFilename()).toMatch(/^tasks-.*\.csv$/)
})

test('a task is written, rendered without HTML, and talked about', async ({ page, open }) => {
  // Two dialogs are looked through in both themes.
  test.slow()
  await open('/tasks', { as: 'ADMIN' })
  await page.getByRole('button', { name: 'New task' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Create task' }).click()
  await expect(dialog.getByText('Say what is to be done.')).toBeVisible()
  await expectAccessible(page, 'new task')
  await dialog.getByRole('textbox', { name: 'Title' }).fill('Write it down')
  await dialog
    .getByRole('textbox', { name: 'Description' })
    .fill('Use **care**, see [the list](https://docs.test/list) <img src=x>')
  await dialog.getByRole('combobox', { name: 'Assignee' }).fill('ada')
  await page.getByRole('option', { name: 'Ada Brandt' }).click()
  await dialog.getByRole('combobox', { name: 'Priority' }).selectOption('urgent')
  await dialog.getByLabel('Due day').fill('2026-11-19')
  await dialog.getByLabel('Estimate in hours').fill('1.5')
  await dialog.getByRole('button', { name: 'Create task' }).click()
  const opened = page.getByRole('dialog', { name: 'Write it down' })
  // Its code comes when the first task is opened.
  await expect(opened).toContainText('Overdue', { timeout: 20_000 })
  await expect(opened).toContainText('1 h 30 m')
  await expect(opened.locator('strong')).toHaveText('care')
  const link = opened.getByRole('link', { name: 'the list' })
  await expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow')
  await expect(opened.locator('img')).toHaveCount(0)
  await expectAccessible(page, 'task')
  await opened.getByRole('combobox', { name: 'Status' }).selectOption('in_progress')
  await opened.getByRole('textbox', { name: 'New comment' }).fill('Begun with `it`')
  await opened.getByRole('button', { name: 'Comment', exact: true }).click()
  await expect(opened.getByRole('list', { name: 'Comments' })).toContainText('Begun with it')
  await opened.getByRole('tab', { name: 'History' }).click()
  await expect(opened.getByRole('list', { name: 'History' })).toContainText(
    'Status: Open → In progress',
  )
  await opened.getByRole('tab', { name: 'Time' }).click()
  await expect(opened.getByText(/No session was recorded for this task/)).toBeVisible()
})

test('of two who change a task the second is told, and decides again', async ({ page, open }) => {
  const world = await open('/tasks?q=translations', { as: 'ADMIN' })
  const task = page.getByRole('row').nth(1).getByRole('button')
  const title = (await task.textContent()) ?? ''
  await task.click()
  const dialog = page.getByRole('dialog', { name: title })
  await dialog.getByRole('button', { name: 'Edit' }).click()
  const form = page.getByRole('dialog', { name: 'Edit task' })
  await form.getByRole('textbox', { name: 'Title' }).fill('Write all of it down')
  world.changeTask(title, { title: 'Write some of it down' })
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form.getByText('Somebody changed this meanwhile')).toBeVisible()
  await form.getByRole('button', { name: 'Show it as it is now' }).click()
  await expect(form.getByRole('textbox', { name: 'Title' })).toHaveValue('Write some of it down')
  await form.getByRole('textbox', { name: 'Title' }).fill('Write all of it down')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('dialog', { name: 'Write all of it down' })).toBeVisible()
  await page.setViewportSize({ width: 320, height: 800 })
  await expectNoSideScroll(page, 'task')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(page).not.toHaveURL(/task=/)
})

test('a card is moved by its menu, by keys, and by dragging', async ({ page, open }) => {
  const world = await open('/tasks?view=board', { as: 'ADMIN' })
  const column = (name: string) => page.getByRole('region', { name, exact: true })
  const titleIn = (name: string) => column(name).getByRole('listitem').first().getByRole('button')
  const first = (await titleIn('Open').first().textContent()) ?? ''
  await column('Open')
    .getByRole('button', { name: `Move ${first}` })
    .click()
  await page.getByRole('menuitem', { name: 'Done' }).click()
  await expect(column('Done').getByText(first, { exact: true })).toBeVisible()
  await expect(page.getByText(`${first} is in Done now.`)).toBeAttached()

  const second = (await titleIn('Open').first().textContent()) ?? ''
  await column('Open').getByRole('button', { name: second, exact: true }).focus()
  await page.keyboard.press('Alt+ArrowRight')
  await expect(column('In progress').getByText(second, { exact: true })).toBeVisible()

  const third = column('Open').getByRole('listitem').first()
  const title = (await third.getByRole('button').first().textContent()) ?? ''
  await third.dragTo(column('Cancelled').getByRole('heading'), { steps: 8 })
  await expect(column('Cancelled').getByText(title, { exact: true })).toBeVisible()

  // One that somebody changed meanwhile is shown as it is now, and where it was.
  const fourth = (await titleIn('Open').first().textContent()) ?? ''
  world.changeTask(fourth, { priority: 'low' })
  await column('Open')
    .getByRole('button', { name: `Move ${fourth}` })
    .click()
  await page.getByRole('menuitem', { name: 'Done' }).click()
  await expect(page.getByText(`${fourth} was not moved`)).toBeVisible()
  await expect(column('Open').getByText(fourth, { exact: true })).toBeVisible()
  await page.setViewportSize({ width: 390, height: 844 })
  await expectNoSideScroll(page, 'board')
})

test('an employee finds own tasks, says how far they are, and writes none', async ({
  page,
  open,
}) => {
  await open('/dashboard/user', { as: 'EMPLOYEE' })
  await page.getByRole('link', { name: 'Tasks' }).click()
  await expect(page.getByRole('row')).toHaveCount(6)
  for (const name of ['New task', 'Export'])
    await expect(page.getByRole('button', { name })).toHaveCount(0)
  await page.getByRole('row').nth(1).getByRole('button').click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('button', { name: 'Edit' })).toHaveCount(0)
  const other = (await dialog.getByRole('combobox', { name: 'Status' }).inputValue()) === 'done'
  await dialog.getByRole('combobox', { name: 'Status' }).selectOption(other ? 'open' : 'done')
  await dialog.getByRole('tab', { name: 'History' }).click()
  await expect(dialog.getByRole('list', { name: 'History' })).toContainText('Ada Brandt')
  await expectAccessible(page, 'own task')
})

test('no tasks, a suspended company, and a list that failed', async ({ page, open }) => {
  await open('/tasks', { as: 'ADMIN', empty: true })
  await expect(page.getByText('No task yet')).toBeVisible()
  await open('/tasks', { as: 'EMPLOYEE', empty: true })
  await expect(page.getByText('Nothing is assigned to you')).toBeVisible()
  await open('/tasks', { as: 'ADMIN', status: 'SUSPENDED' })
  await expect(page.getByRole('button', { name: 'New task' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  await page.getByRole('row').nth(1).getByRole('button').click()
  await expect(page.getByRole('combobox', { name: 'Status' }).last()).toBeDisabled()
  await open('/tasks?view=board', { as: 'ADMIN', status: 'SUSPENDED' })
  await expect(page.getByRole('region', { name: 'Open' }).getByRole('listitem')).not.toHaveCount(0)
  await expect(page.getByRole('button', { name: /^Move / })).toHaveCount(0)
  const repair = await breakPath(page, '**/api/tasks?*', 403, 'forbidden')
  await page.goto('/tasks?q=mail')
  await expect(page.getByText('Your role may not do this.')).toBeVisible()
  await repair()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByText('No task matches')).toBeVisible()
})

test('what one works on is started and stopped, and what nobody recorded is offered', async ({
  page,
  open,
}) => {
  await open('/dashboard/user', { as: 'EMPLOYEE' })
  const card = page.getByRole('region', { name: 'What I work on' })
  await expect(card.getByText('Nothing in particular')).toBeVisible()
  const choice = card.getByRole('combobox', { name: 'Work on' })
  const title = await choice.locator('option').nth(1).innerText()
  await choice.selectOption({ index: 1 })
  await card.getByRole('button', { name: 'Start' }).click()
  await expect(card.getByRole('link', { name: title })).toBeVisible()
  await expect(card.getByText('said in the portal')).toBeVisible()
  await expect(card.getByText('No agent of yours records for it now')).toBeVisible()
  await expectAccessibleInBothThemes(page, 'a timer')
  // The tasks have the same one, and what runs is not offered again.
  await page.getByRole('link', { name: 'Tasks', exact: true }).click()
  await expect(card.getByRole('link', { name: title })).toBeVisible()
  await expect(choice.locator('option', { hasText: title })).toHaveCount(0)
  await card.getByRole('button', { name: 'Stop' }).click()
  await expect(card.getByText(`30 m of ${title} was not recorded`)).toBeVisible()
  await card.getByRole('link', { name: /^Add .* by hand$/ }).click()
  const form = page.getByRole('dialog', { name: 'Add manual time' })
  await expect(form.getByLabel('From')).not.toHaveValue('')
  await expect(form.getByText('30 m.')).toBeVisible()
  await expect(form.getByLabel('Task (optional)').locator('option:checked')).toHaveText(title)
})

test('nobody starts a timer without tasks, and one that failed is asked for again', async ({
  page,
  open,
}) => {
  await open('/dashboard/user', { as: 'EMPLOYEE', empty: true })
  const card = page.getByRole('region', { name: 'What I work on' })
  await expect(card.getByText('no open task is assigned to you')).toBeVisible()
  await expect(card.getByRole('button', { name: 'Start' })).toHaveCount(0)
  await open('/tasks', { as: 'EMPLOYEE' })
  const repair = await breakPath(page, '**/api/me/timer', 500, 'internal')
  await page.goto('/dashboard/user')
  await expect(card.getByRole('button', { name: 'Try again' })).toBeVisible()
  await repair()
  await card.getByRole('button', { name: 'Try again' }).click()
  await expect(card.getByRole('button', { name: 'Start' })).toBeVisible()
})
