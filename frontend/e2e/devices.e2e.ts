// One's own agents: what waits on each device, what fell silent, and revoking one.
import { expectAccessible } from './a11y'
import { ADA } from './pages'
import { breakPath, expect, test } from './world'

test('the day says of each agent what waits on its device', async ({ page, open }) => {
  await open('/dashboard/user', { as: 'EMPLOYEE' })
  const card = page.getByRole('region', { name: 'My agents' })
  const agent = (name: string) => card.getByRole('listitem').filter({ hasText: name })
  await expect(card.getByRole('listitem')).toHaveCount(3)
  await expect(agent('thinkpad-07')).toContainText('Up to date')
  await expect(agent('thinkpad-07')).toContainText('Nothing waits. Last acknowledged')
  await expect(agent('build-02')).toContainText('Waiting')
  await expect(agent('build-02')).toContainText('1,200 items and 3 screenshots wait since')
  await expect(agent('build-02')).toContainText(/Not taken\s*2/)
  await expect(agent('home-office')).toContainText('Silent since')
  await card.getByRole('link', { name: 'My devices' }).click()
  await expect(page.getByRole('table', { name: 'Devices' })).toBeVisible()
})

test('one of the own devices is revoked after a question, and the day knows it no more', async ({
  page,
  open,
}) => {
  // So high that nothing is scrolled: a button half under the app's head would be called too small.
  await page.setViewportSize({ width: 1280, height: 2000 })
  await open('/profile', { as: 'EMPLOYEE' })
  const row = page.getByRole('row', { name: /home-office/ })
  await expect(row).toContainText('Silent')
  await expect(page.getByRole('row', { name: /build-02/ })).toContainText('no screenshots')
  await row.getByRole('button', { name: 'Revoke home-office' }).click()
  const dialog = page.getByRole('dialog', { name: 'Revoke home-office?' })
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await expectAccessible(page, 'revoke own device')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(row).toContainText('Silent')
  await row.getByRole('button', { name: 'Revoke home-office' }).click()
  await dialog.getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByText('home-office is refused from now on.')).toBeVisible()
  await expect(row).toContainText('Refused since')
  await expect(row.getByRole('button')).toHaveCount(0)
  await page.getByRole('link', { name: 'My day' }).click()
  const card = page.getByRole('region', { name: 'My agents' })
  await expect(card.getByRole('listitem')).toHaveCount(2)
})

test('a revocation that fails says so in its dialog', async ({ page, open }) => {
  await open('/profile', { as: 'EMPLOYEE' })
  await breakPath(page, '**/api/me/devices/*/revoke', 500, 'internal')
  await page.getByRole('button', { name: 'Revoke thinkpad-07' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Revoke' }).click()
  await expect(dialog.getByRole('alert')).toContainText('Something broke on our side.')
})

test('an admin sees the same of a person', async ({ page, open }) => {
  await open(`/employees/${ADA}?tab=devices`, { as: 'ADMIN' })
  await expect(page.getByRole('row', { name: /thinkpad-07/ })).toContainText('Nothing waits.')
})

test('without an agent, and when the list does not come, the card says so', async ({
  page,
  open,
}) => {
  await open('/dashboard/user', { as: 'EMPLOYEE', empty: true })
  const card = page.getByRole('region', { name: 'My agents' })
  await expect(card.getByText('No agent yet')).toBeVisible()
  const restore = await breakPath(page, '**/api/me/devices', 400, 'malformed')
  await page.reload()
  await expect(card.getByRole('alert')).toBeVisible()
  await expectAccessible(page, 'failed')
  await restore()
  await card.getByRole('button', { name: 'Try again' }).click()
  await expect(card.getByText('No agent yet')).toBeVisible()
})
