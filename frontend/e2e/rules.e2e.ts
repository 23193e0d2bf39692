// Productivity rules: seen in their order, made, moved, tried, refused, and what they make of the time.
import { expectAccessible, expectNoSideScroll } from './a11y'
import { ADA } from './pages'
import { breakPath, expect, test } from './world'

const LIST = 'Rules in the order in which they are tried'

test('a new rule is added, sorts what was recorded, and decides once it is moved up', async ({
  page,
  open,
}) => {
  await open('/dashboard/admin', { as: 'ADMIN' })
  await page.getByRole('link', { name: 'Rules', exact: true }).first().click()
  await expect(page).toHaveTitle('Rules - Acme Ltd')
  const rows = page.getByRole('table', { name: LIST }).getByRole('row')
  await expect(rows).toHaveCount(8)
  await page.getByRole('button', { name: 'New rule' }).click()
  const dialog = page.getByRole('dialog', { name: 'New rule' })
  await dialog.getByRole('button', { name: 'Add rule' }).click()
  await expect(dialog.getByText('Enter what to look for.')).toBeVisible()
  await expectAccessible(page, 'new rule')
  await dialog.getByRole('combobox', { name: 'Looks at' }).selectOption('host')
  await expect(dialog.getByText('The host and all below it')).toBeVisible()
  await dialog.getByRole('textbox', { name: 'Pattern' }).fill('www.news.example')
  await dialog.getByText('Neutral', { exact: true }).click()
  await dialog.getByRole('button', { name: 'Add rule' }).click()
  await expect(dialog).toBeHidden()
  await expect(rows).toHaveCount(9)
  await expect(rows.nth(8)).toContainText('www.news.example')
  await expect(page.getByText('Recorded time is being sorted anew')).toBeVisible()
  await expect(page.getByText('Recorded time is being sorted anew')).toBeHidden({ timeout: 15_000 })
  await expect(page.getByText('Days from 23 Aug 2026 on follow these rules')).toBeVisible()
  const trial = page.getByRole('region', { name: 'Try the rules' })
  await trial.getByRole('textbox', { name: 'Site' }).fill('WWW.news.example')
  await trial.getByRole('button', { name: 'Try' }).click()
  await expect(trial.getByText('Rule 2 decides: Site news.example')).toBeVisible()
  await expect(trial.getByRole('listitem')).toHaveText(['Rule 8: Site www.news.example, neutral'])
  for (let at = 8; at > 2; at -= 1) {
    await page.getByRole('button', { name: `Move rule ${at} up` }).click()
    await expect(rows.nth(at - 1)).toContainText('www.news.example')
  }
  // A rule for everybody does not go before a team's.
  await expect(page.getByRole('button', { name: 'Move rule 2 up' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  await trial.getByRole('button', { name: 'Try' }).click()
  await expect(trial.getByText('Rule 2 decides: Site www.news.example')).toBeVisible()
  await trial.getByRole('combobox', { name: 'Somebody' }).selectOption({ index: 1 })
  await expect(trial.getByText('decides')).toBeHidden()
  await trial.getByRole('button', { name: 'Try' }).click()
  await expect(trial.getByText('Rule 1 decides: Site news.example')).toBeVisible()
  await expectAccessible(page, 'tried')
})

test('what is used most and has no rule is a click away from one', async ({ page, open }) => {
  await open('/rules', { as: 'ADMIN' })
  const card = page.getByRole('region', { name: 'Without a rule' })
  await expect(card.getByRole('button')).toHaveCount(3)
  await card.getByRole('button', { name: 'Make a rule for mail.example' }).click()
  const dialog = page.getByRole('dialog', { name: 'New rule' })
  await expect(dialog.getByRole('combobox', { name: 'Looks at' })).toHaveValue('host')
  await expect(dialog.getByRole('textbox', { name: 'Pattern' })).toHaveValue('mail.example')
  await dialog.getByRole('button', { name: 'Add rule' }).click()
  await expect(card.getByRole('button')).toHaveCount(2)
})

test('keys alone move a rule, change it and delete it', async ({ page, open }) => {
  await open('/rules', { as: 'ADMIN' })
  const rows = page.getByRole('table', { name: LIST }).getByRole('row')
  await page.getByRole('button', { name: 'Move rule 6 down' }).press('Enter')
  await expect(rows.nth(7)).toContainText('LibreOffice')
  await page.getByRole('button', { name: 'Change rule 7' }).press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Rule 7' })
  await expect(dialog.getByRole('textbox', { name: 'Pattern' })).toHaveValue('LibreOffice *')
  await dialog.getByRole('textbox', { name: 'Pattern' }).fill('Libre*')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(rows.nth(7)).toContainText('Libre*')
  await page.getByRole('button', { name: 'Delete rule 7' }).press('Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).press('Enter')
  await expect(rows).toHaveCount(7)
  await expect(page.getByRole('table', { name: LIST })).not.toContainText('Libre')
})

test('a rule that is no use is refused, and so is one upon somebody else’s change', async ({
  page,
  open,
}) => {
  const world = await open('/rules', { as: 'ADMIN' })
  await page.getByRole('button', { name: 'New rule' }).click()
  const dialog = page.getByRole('dialog', { name: 'New rule' })
  await dialog.getByRole('combobox', { name: 'Pattern is' }).selectOption('regex')
  await dialog.getByRole('textbox', { name: 'Pattern' }).fill('(')
  await dialog.getByRole('button', { name: 'Add rule' }).click()
  await expect(dialog.getByText('This is no regular expression').first()).toBeVisible()
  await dialog.getByRole('textbox', { name: 'Pattern' }).fill('a+')
  world.changeRules([
    { field: 'app', kind: 'glob', pattern: 'Of a second admin', category: 'neutral' },
  ])
  await dialog.getByRole('button', { name: 'Add rule' }).click()
  await expect(dialog.getByRole('alert')).toContainText('Somebody changed this meanwhile')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('table', { name: LIST }).getByRole('row')).toHaveCount(2)
  await expect(page.getByText('Of a second admin')).toBeVisible()
})

test('the donut, the lists and a person’s day say how much is of which category', async ({
  page,
  open,
}) => {
  await open('/dashboard/admin', { as: 'ADMIN' })
  const card = page.getByRole('region', { name: 'How productive is the time?' })
  await expect(card.getByText(/^Productive: 4 h 53 m, 57 %/)).toBeAttached()
  await card.getByRole('combobox', { name: 'Days of the categories' }).selectOption('week')
  await expect(card.getByText(/^Productive: 24 h 26 m, 57 %/)).toBeAttached()
  await card.getByRole('button', { name: 'Show as table' }).click()
  await expect(card.getByRole('row')).toHaveCount(5)
  await card.getByRole('link', { name: 'By person and day' }).click()
  await expect(page).toHaveURL(/\/usage\?by=category&from=/)
  const rows = page.getByRole('table', { name: 'Categories' }).getByRole('row')
  await expect(rows).toHaveCount(5)
  await page.getByRole('link', { name: 'Unproductive', exact: true }).click()
  await expect(page).toHaveURL(/by=person.*category=unproductive|category=unproductive.*by=person/)
  await expect(
    page.getByRole('region', { name: 'How many unproductive hours each day?' }),
  ).toBeVisible()
  await page.getByRole('button', { name: 'not only unproductive time' }).click()
  await expect(page).not.toHaveURL(/category=/)
  await page.goto(`/employees/${ADA}`)
  const day = page.getByRole('region', { name: 'Time by category' })
  await expect(day.getByRole('listitem')).toHaveCount(4)
  await open('/dashboard/user', { as: 'EMPLOYEE' })
  await expect(day.getByRole('listitem').first()).toContainText('Productive')
})

test('without rules, without the list, in a suspended company, and on a phone', async ({
  page,
  open,
}) => {
  await open('/rules', { as: 'ADMIN', empty: true })
  await expect(page.getByText('There are no rules yet')).toBeVisible()
  await expectAccessible(page, 'no rules')
  await page.getByRole('button', { name: 'Make the first rule' }).click()
  await expect(page.getByRole('dialog', { name: 'New rule' })).toBeVisible()
  await open('/rules', { as: 'ADMIN' })
  const mend = await breakPath(page, '**/api/rules', 500, 'internal')
  await page.reload()
  await expect(page.getByRole('alert').filter({ hasText: 'broke' })).toBeVisible()
  await mend()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('table', { name: LIST })).toBeVisible()
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 800 })
    await expectNoSideScroll(page, `rules at ${width}`)
  }
})
