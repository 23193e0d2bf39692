// The app hosted apart from the API: cross-origin calls, the refresh cookie, and the content policy.
import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { expect, test } from '@playwright/test'
import { freePort, PASSWORD, Stack, setUpTwoFactor } from './stack.ts'

test('the app works from an origin of its own, and not from a stranger’s', async ({ page }) => {
  const stack = await Stack.make()
  try {
    const [port, stranger] = [await freePort(), await freePort()]
    const { url, ownerLink } = await stack.server({ CORS_ORIGINS: `http://127.0.0.1:${port}` })
    const dist = join(stack.folder, 'dist')
    execFileSync('node', ['node_modules/vite/bin/vite.js', 'build', '--outDir', dist, '--logLevel', 'error'], {
      timeout: 120_000,
      cwd: resolve(import.meta.dirname, '../../frontend'),
      env: { ...process.env, VITE_API_URL: url },
    })
    const origin = await stack.otherOrigin(dist, port, url)
    const complaints: string[] = []
    page.on('console', (message) => {
      if (/content security|CORS/i.test(message.text())) complaints.push(message.text())
    })
    await page.goto(ownerLink.replace(url, origin))
    await page.getByLabel('Your name').fill('Olga Owner')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByLabel('Password again').fill(PASSWORD)
    await page.getByRole('button', { name: 'Set password and sign in' }).click()
    await setUpTwoFactor(page)
    await expect(page).toHaveURL(`${origin}/owner/dashboard`)
    await page.reload()
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page).toHaveURL(`${origin}/owner/dashboard`)
    expect(complaints).toEqual([])

    await page.goto(`${await stack.otherOrigin(dist, stranger, url)}/login`)
    await page.getByLabel('E-mail').fill('owner@vendor.test')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('alert')).toBeVisible()
    await expect(page).toHaveURL(/\/login/)
  } finally {
    await stack.end()
  }
})
