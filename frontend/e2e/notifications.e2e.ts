// The bell by mouse and keyboard, what comes while somebody is there, and what they want to be told of.

import { expectAccessible, expectNoSideScroll } from './a11y'
import { breakPath, expect, test } from './world'

test('the bell tells how much is unread, and each leads to what it is about', async ({
  page,
  open,
}) => {
  test.slow()
  await open('/dashboard/admin', { as: 'ADMIN' })
  const bell = page.getByRole('button', { name: /^Notifications/ })
  await expect(bell).toHaveAccessibleName('Notifications, 2 unread')
  await bell.focus()
  await page.keyboard.press('Enter')
  const list = page.getByRole('dialog', { name: 'Notifications' })
  await expect(list.getByRole('listitem')).toHaveCount(3)
  await expectAccessible(page, 'notifications')
  await page.keyboard.press('Escape')
  await expect(list).toHaveCount(0)
  await expect(bell).toBeFocused()
  await bell.click()
  await list.getByRole('link', { name: '2 new alerts: silence on a working day' }).click()
  await expect(page).toHaveURL(/\/alerts\?.*kind=silent/)
  await expect(bell).toHaveAccessibleName('Notifications, 1 unread')
  await bell.click()
  await list.getByRole('button', { name: 'Mark all as read' }).click()
  await expect(bell).toHaveAccessibleName('Notifications')
})

test('what comes meanwhile is counted and said', async ({ page, open }) => {
  const world = await open('/dashboard/user', { as: 'EMPLOYEE' })
  const bell = page.getByRole('button', { name: /^Notifications/ })
  await expect(bell).toHaveAccessibleName('Notifications, 2 unread')
  world.tell('EMPLOYEE', { kind: 'own_alert', rule_kind: 'idle', amount: 1 })
  await expect(bell).toHaveAccessibleName('Notifications, 3 unread', { timeout: 25_000 })
  await expect(page.getByText('3 unread notifications')).toBeAttached()
  await bell.click()
  await page.getByRole('link', { name: /An original of your screenshots/ }).click()
  await expect(page).toHaveURL(/\/access/)
})

test('a list that does not come says so', async ({ page, open }) => {
  await open('/dashboard/admin', { as: 'ADMIN' })
  await breakPath(page, '**/api/notifications?*', 500, 'internal')
  await page.getByRole('button', { name: /^Notifications/ }).click()
  await expect(page.getByText('req-broken')).toBeVisible({ timeout: 15_000 })
})

test('everybody chooses what they are told of, and owners have no bell', async ({ page, open }) => {
  test.slow()
  await open('/profile', { as: 'EMPLOYEE' })
  const card = page.getByRole('region', { name: 'Notifications' })
  await expect(card.getByText('Alerts of the company')).toHaveCount(0)
  await card.getByRole('checkbox', { name: 'Alerts about me: by mail' }).uncheck()
  await card.getByRole('combobox', { name: 'The mail comes at' }).selectOption('17')
  await card.getByRole('button', { name: 'Save notifications' }).click()
  await expect(page.getByText('Saved.')).toBeVisible()
  await expect(card.getByRole('checkbox', { name: 'Alerts about me: by mail' })).not.toBeChecked()
  await expectAccessible(page, 'preferences')
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSideScroll(page, 'preferences')
  await open('/profile', { as: 'OWNER' })
  await expect(page.getByRole('heading', { level: 1, name: 'Profile' })).toBeVisible()
  await expect(page.getByRole('button', { name: /^Notifications/ })).toHaveCount(0)
  await expect(page.getByRole('region', { name: 'Notifications' })).toHaveCount(0)
})
