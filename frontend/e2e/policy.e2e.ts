// The monitoring policy: read, acknowledged, published, and who has.
import { expectAccessible, expectNoSideScroll } from './a11y'
import { breakPath, expect, test } from './world'

test('somebody is led from their day to the policy and acknowledges it', async ({ page, open }) => {
  await open('/dashboard/user', { as: 'EMPLOYEE' })
  const banner = page.getByRole('status').filter({ hasText: 'monitoring policy' })
  await expect(banner).toContainText(
    'Not recorded until you acknowledge it: activity, screenshots.',
  )
  await banner.getByRole('link', { name: 'Read it' }).click()
  await expect(page).toHaveTitle('Monitoring policy - Acme Ltd')
  const policy = page.getByRole('article', { name: 'The policy in force' })
  await expect(policy.getByRole('heading', { name: 'What is recorded' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'New version' })).toBeHidden()
  await expectAccessible(page, 'policy')
  await policy.getByRole('button', { name: 'I have read it' }).click()
  await expect(policy.getByText('You acknowledged it at')).toBeVisible()
  await page.getByRole('link', { name: 'My day', exact: true }).first().click()
  await expect(page.getByRole('heading', { level: 1, name: 'My day' })).toBeVisible()
  await expect(banner).toBeHidden()
})

test('who reads an old version is shown the new one and acknowledges that', async ({
  page,
  open,
}) => {
  const world = await open('/policy', { as: 'EMPLOYEE' })
  const policy = page.getByRole('article', { name: 'The policy in force' })
  await expect(policy).toContainText('Version 2')
  world.publishPolicy('We record more.')
  await policy.getByRole('button', { name: 'I have read it' }).click()
  await expect(policy.getByRole('alert')).toContainText('Another version was published')
  await expect(policy).toContainText('We record more.')
  await policy.getByRole('button', { name: 'I have read it' }).click()
  await expect(policy.getByText('You acknowledged it at')).toBeVisible()
})

test('an admin looks at a version before it is published, and sees who has', async ({
  page,
  open,
}) => {
  await open('/dashboard/admin', { as: 'ADMIN' })
  await page.getByRole('link', { name: 'Monitoring policy', exact: true }).first().click()
  const people = page.getByRole('table', { name: 'People and their acknowledgements' })
  await expect(people.getByRole('row')).toHaveCount(6)
  await expect(page.getByText('2 of 5').first()).toBeVisible()
  await page.getByRole('combobox', { name: 'State' }).selectOption('missing')
  await expect(page).toHaveURL(/state=missing/)
  await expect(people.getByRole('row')).toHaveCount(4)
  await page.getByRole('combobox', { name: 'Version' }).selectOption('1')
  await expect(page.getByText('Nobody matches')).toBeVisible()
  await expectAccessible(page, 'acknowledgements')
  await page.getByRole('button', { name: 'Read version 1' }).click()
  await expect(page.getByRole('dialog')).toContainText('We record.')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'New version' }).click()
  const dialog = page.getByRole('dialog', { name: 'New version of the policy' })
  await dialog.getByRole('button', { name: 'Publish' }).click()
  await expect(dialog.getByRole('alert').first()).toBeVisible()
  const text = dialog.getByRole('textbox', { name: 'Text' })
  await text.fill(
    '# Recording\n\n<b onclick="alert(1)">We</b> record **more**. ![x](https://x.test/a.png)',
  )
  await dialog.getByRole('button', { name: 'Preview' }).click()
  await expect(dialog.locator('strong')).toHaveText('more')
  await expect(dialog.locator('img, b')).toHaveCount(0)
  await dialog.getByRole('checkbox', { name: 'Websites' }).check()
  await expectAccessible(page, 'new version')
  await dialog.getByRole('button', { name: 'Publish' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('0 of 5').first()).toBeVisible()
  await expect(
    page.getByRole('table', { name: 'Versions of the policy' }).getByRole('row'),
  ).toHaveCount(4)
})

test('without a policy nothing is asked, and a failure is said', async ({ page, open }) => {
  await open('/policy', { as: 'EMPLOYEE', empty: true })
  await expect(page.getByText('Your company has published no policy')).toBeVisible()
  await open('/policy', { as: 'ADMIN', empty: true })
  await expect(page.getByText('No policy is published')).toBeVisible()
  await breakPath(page, '**/api/monitoring-policies', 500, 'internal')
  await page.reload()
  await expect(page.getByText('Something broke').first()).toBeVisible()
})

test('on a phone nothing is wider than the screen', async ({ page, open }) => {
  await page.setViewportSize({ width: 320, height: 700 })
  await open('/policy', { as: 'ADMIN' })
  await expect(page.getByRole('table', { name: 'Versions of the policy' })).toBeVisible()
  await expectNoSideScroll(page, 'policy')
  await page.getByRole('button', { name: 'New version' }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await expectNoSideScroll(page, 'new version')
})
