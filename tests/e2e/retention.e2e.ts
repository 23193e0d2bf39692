// What the page says that the night deletes is what goes.
import { expect, test } from '@playwright/test'
import { DEMO_PASSWORD, Stack } from './stack.ts'

test('as many records go as the page said before it was saved', async ({ browser }) => {
  const stack = await Stack.make()
  try {
    const { url, stopped } = await stack.demo()
    const page = await (await browser.newContext({ baseURL: url })).newPage()
    await page.goto('/login')
    await page.getByLabel('E-mail').fill('admin@acme.test')
    await page.getByLabel('Password', { exact: true }).fill(DEMO_PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page).toHaveURL(/\/dashboard\/admin/)

    await page.goto('/settings')
    await page.getByLabel('Keep screenshots for, in days').fill('1')
    await page.getByLabel('Keep details for, in days').fill('40')
    const tonight = page.getByRole('status').filter({ hasText: 'Tonight' })
    const words = /deletes ([\d,]+) screenshots? .* and ([\d,]+) details/
    await expect(tonight).toHaveText(words)
    const [, screenshots, details] = (await tonight.innerText()).match(words) ?? []
    await page.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByText('Agents hear of it with their next call.')).toBeVisible()

    const said = await stopped('retention', 'apply')
    const number = (text = '') => Number(text.replaceAll(',', ''))
    expect(said).toContain(`${number(screenshots)} screenshots of`)
    expect(said).toContain(`${number(details)} entries deleted`)
    expect(await stopped('audit', 'verify', '--company', 'acme')).toContain('entries are sealed')

    await page.goto('/audit')
    const entry = page.getByRole('row').filter({ hasText: /Retention|deleted/ }).first()
    await expect(entry).toContainText(screenshots ?? '')
    await page.goto('/settings')
    await expect(tonight).toHaveText('Tonight deletes nothing.')
  } finally {
    await stack.end()
  }
})
