// The owner's reports: told by charts and tables, in one currency or another, and taken along as files.
import { readFile } from 'node:fs/promises'
import { expectAccessible, expectNoSideScroll } from './a11y'
import { breakPath, expect, test } from './world'

test.describe('reports', () => {
  test('are found in the sidebar, and their tab is in the address', async ({ page, open }) => {
    await open('/owner/dashboard', { as: 'OWNER' })
    await page.getByRole('link', { name: 'Reports' }).click()
    await expect(page).toHaveTitle('Reports - Owner')
    const question = 'How many companies stood how at the end of each month?'
    const card = page.getByRole('region', { name: question, exact: true })
    await card.getByRole('button', { name: 'Show as table' }).click()
    await expect(card.getByRole('row')).toHaveCount(13)
    await expect(card.getByRole('row', { name: /November 2026/ })).toContainText('11')
    await page.getByRole('tab', { name: 'Overview' }).focus()
    await page.keyboard.press('ArrowRight')
    await expect(page.getByRole('tab', { name: 'Revenue' })).toHaveAttribute(
      'aria-selected',
      'true',
    )
    await expect(page).toHaveURL(/tab=revenue/)
    await page.goBack()
    await expect(page.getByRole('tab', { name: 'Overview' })).toHaveAttribute(
      'aria-selected',
      'true',
    )
  })

  test('cover the months that were chosen', async ({ page, open }) => {
    await open('/owner/reports?tab=revenue', { as: 'OWNER' })
    const asked = page.waitForRequest(/reports\/revenue\?from=2026-06&to=2026-11/)
    await page.getByLabel('From').selectOption('June 2026')
    await asked
    await expect(page).toHaveURL(/from=2026-06/)
    const card = page.getByRole('region', { name: 'How did MRR change?', exact: true })
    await card.getByRole('button', { name: 'Show as table' }).click()
    await expect(card.getByRole('row')).toHaveCount(7)
    await page.getByLabel('To', { exact: true }).selectOption('May 2026')
    await expect(page).toHaveURL(/to=2026-05/)
    await expect(page.getByLabel('From')).toHaveValue('2025-06')
  })

  test('say how MRR came about, step by step and month by month', async ({ page, open }) => {
    await open('/owner/reports?tab=revenue', { as: 'OWNER' })
    const card = page.getByRole('region', { name: 'How did MRR change?', exact: true })
    await card.getByLabel('Month').selectOption('November 2026')
    await expect(page).toHaveURL(/step=2026-11/)
    await card.getByRole('button', { name: 'Show as table' }).click()
    const cells = card.getByRole('row', { name: /November 2026/ }).getByRole('cell')
    const figures = (await cells.allTextContents()).slice(1, 8)
    const [start = 0, fresh = 0, back = 0, more = 0, less = 0, gone = 0, end = 0] = figures.map(
      (text) => Math.round(Number(text.replace(/[^\d.]/g, '')) * 100),
    )
    expect(start + fresh + back + more - less - gone).toBe(end)
    expect(end).toBeGreaterThan(0)
  })

  test('keep currencies apart, or tell all of them at a stated rate', async ({ page, open }) => {
    await open('/owner/reports?tab=revenue', { as: 'OWNER' })
    const money = page.getByLabel('Money in')
    await expect(money).toHaveValue('EUR')
    await money.selectOption('USD')
    await expect(page).toHaveURL(/money=USD/)
    await expect(page.getByText('In USD', { exact: true })).toBeVisible()
    await money.selectOption('All currencies, in EUR')
    await expect(page).toHaveURL(/in=EUR/)
    await expect(page.getByText('1 USD = 0.92 EUR, since 1 Jan 2026')).toBeVisible()
    await expect(page.getByText('In all currencies')).toBeVisible()
    await page.goto('/owner/reports?tab=revenue&in=CHF')
    await expect(page.getByText('There is no total in CHF')).toBeVisible()
    await expect(page.getByText('No rate from EUR, USD holds')).toBeVisible()
    await expectAccessible(page, 'no total')
  })

  test('show cohorts with numbers, as companies and as money', async ({ page, open }) => {
    await open('/owner/reports?tab=revenue', { as: 'OWNER' })
    const kept = page.getByRole('region', { name: /^Who stayed/ }).first()
    await expect(kept.getByRole('row', { name: /Jan/ })).toContainText('100 %')
    await page.getByLabel('Cohorts by').selectOption('MRR in EUR')
    const paid = page.getByRole('region', { name: /^What do the companies pay/ }).first()
    await expect(paid.getByRole('row', { name: /Jan/ })).toContainText('€198.00')
  })

  test('explain their words', async ({ page, open }) => {
    await open('/owner/reports?tab=revenue', { as: 'OWNER' })
    await page.getByText('What the words mean').click()
    await expect(page.getByText('A year’s price counts as its twelfth')).toBeVisible()
    await expectAccessible(page, 'words')
  })

  test('are taken along as files', async ({ page, open }) => {
    await open('/owner/reports?tab=revenue&from=2026-06&in=EUR', { as: 'OWNER' })
    await expect(page.getByText('In all currencies')).toBeVisible()
    const save = async (item: string) => {
      await page.getByLabel('File').selectOption(item)
      const saved = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Export' }).click()
      return saved
    }
    const csv = await save('Trials as CSV')
    expect(csv.suggestedFilename()).toBe('revenue-trials-2026-11-20.csv')
    const asked = await readFile(await csv.path(), 'utf8')
    expect(asked.split('\r\n').slice(1).filter(Boolean).toSorted()).toEqual([
      'currency,EUR',
      'format,csv',
      'from,2026-06',
      'report,revenue',
      'table,trials',
      'to,2026-11',
    ])
    expect((await save('MRR by month as Excel')).suggestedFilename()).toMatch(/\.xlsx$/)
    expect((await save('All of it as PDF')).suggestedFilename()).toBe('revenue-2026-11-20.pdf')
    await breakPath(page, '**/api/owner/reports/export?*', 500, 'internal')
    await page.getByRole('button', { name: 'Export' }).click()
    await expect(page.getByText('Nothing was exported')).toBeVisible()
  })

  test('say so when there is nothing, or nothing may be seen', async ({ page, open }) => {
    await open('/owner/reports', { as: 'OWNER', empty: true })
    await expect(page.getByText('No companies yet')).toBeVisible()
    await expectAccessible(page, 'empty')
    for (const [tab, words] of [
      ['Revenue', 'Nobody paid in these months'],
      ['Growth', 'No company in these months'],
      ['Plans', 'No company had a plan by then'],
      ['Usage', 'Nothing was recorded in the last 30 days'],
      ['Exchange rates', 'No rates yet'],
    ] as const) {
      await page.getByRole('tab', { name: tab }).click()
      await expect(page.getByText(words)).toBeVisible()
    }
    await breakPath(page, '**/api/owner/reports/growth?*', 403, 'forbidden')
    await page.goto('/owner/reports?tab=growth')
    await expect(page.getByRole('alert')).toContainText('Your role may not do this.')
  })

  test('fit a phone', async ({ page, open }) => {
    await page.setViewportSize({ width: 390, height: 800 })
    for (const tab of ['overview', 'revenue', 'growth', 'plans', 'usage', 'rates']) {
      await page.unrouteAll()
      await open(`/owner/reports?tab=${tab}`, { as: 'OWNER' })
      await expect(page.getByRole('tab', { selected: true })).toBeVisible()
      await page.waitForLoadState('networkidle')
      await expectNoSideScroll(page, tab)
    }
  })
})

test.describe('exchange rates', () => {
  test('are added, corrected and deleted', async ({ page, open }) => {
    await open('/owner/reports?tab=rates', { as: 'OWNER' })
    await page.getByRole('button', { name: 'New rate' }).click()
    await expect(page).toHaveURL(/rate=new/)
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByLabel('From', { exact: true })).toBeFocused()
    await dialog.getByRole('button', { name: 'Add rate' }).click()
    await expect(dialog.getByText('A number above 0')).toBeVisible()
    await expectAccessible(page, 'a form with faults')
    await dialog.getByLabel('From', { exact: true }).fill('usd')
    await dialog.getByLabel('To', { exact: true }).fill('eur')
    await dialog.getByLabel('Rate').fill('0,95')
    await dialog.getByLabel('Holds from').fill('2026-01-01')
    await dialog.getByRole('button', { name: 'Add rate' }).click()
    await expect(dialog.getByText('There is a rate of these two currencies')).toBeVisible()
    await dialog.getByLabel('Holds from').fill('2026-07-01')
    await dialog.getByRole('button', { name: 'Add rate' }).click()
    await expect(dialog).toBeHidden()
    await expect(page.getByRole('row', { name: /1 USD = 0.95 EUR/ })).toContainText('1 Jul 2026')
    await page.getByRole('button', { name: 'Edit USD to EUR of 1 Jul 2026' }).click()
    await expect(dialog.getByLabel('Rate')).toHaveValue('0.95')
    await dialog.getByLabel('Rate').fill('0.96')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await expect(page.getByRole('row', { name: /1 USD = 0.96 EUR/ })).toBeVisible()
    await page.getByRole('button', { name: 'Delete USD to EUR of 1 Jul 2026' }).click()
    await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await expect(page.getByRole('row', { name: /0.96/ })).toHaveCount(0)
  })

  test('that somebody else corrected meanwhile are not written over', async ({ page, open }) => {
    await open('/owner/reports?tab=rates', { as: 'OWNER' })
    await page.getByRole('button', { name: 'Edit USD to EUR of 1 Jan 2026' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Rate').fill('0.97')
    await breakPath(page, '**/api/owner/exchange-rates/*', 412, 'precondition_failed')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await expect(dialog.getByRole('alert')).toContainText('Somebody changed this meanwhile')
    await expect(dialog.getByLabel('Rate')).toHaveValue('0.97')
  })
})
