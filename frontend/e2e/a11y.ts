// Accessibility as axe sees it, with the rules of WCAG 2.2 AA and the good practices.
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const OF_COLOURS = ['color-contrast', 'link-in-text-block']

export async function expectAccessible(page: Page, what: string, rules?: string[]) {
  // Without frames of others nothing is gathered in a page of its own; and only what is wrong is described.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] })
  const { violations } = await (rules ? axe.withRules(rules) : axe.withTags(RULES)).analyze()
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
  )
  expect(found, what).toEqual([])
}

/** By all rules in the light theme, and in the dark one by those that colours decide. */
export async function expectAccessibleInBothThemes(page: Page, what: string) {
  await expectAccessible(page, `${what}, light`)
  for (const scheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme)
    await painted(page)
    if (scheme === 'dark') await expectAccessible(page, `${what}, dark`, OF_COLOURS)
  }
}

/** Until then some colours are the other theme's. */
async function painted(page: Page) {
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  )
}

/** Nothing may make the page itself scroll sideways. */
export async function expectNoSideScroll(page: Page, what: string) {
  const [content, view] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ])
  expect(content, what).toBeLessThanOrEqual(view ?? 0)
}
