// The vendor's page of the service itself: jobs, database, agents.
import { breakPath, expect, test } from './world'

test.describe('the system', () => {
  test('shows its jobs, its database and the versions of agents', async ({ page, open }) => {
    await open('/owner/system', { as: 'OWNER' })
    await expect(page).toHaveTitle('System - Owner')
    await expect(page.getByRole('table', { name: 'Regular jobs' })).toContainText('Overview')
    await expect(page.getByRole('table', { name: 'Regular jobs' })).toContainText('Late')
    await expect(page.getByRole('table', { name: 'Agents by version' })).toContainText('389')
    await expect(page.getByText('4.8 GB')).toBeVisible()
    await expect(page.getByRole('alert')).toContainText(
      'Website usage has rows that no month holds',
    )
  })

  test('gives a failed job another try, by keyboard', async ({ page, open }) => {
    await open('/owner/system', { as: 'OWNER' })
    await page.getByRole('button', { name: 'Try again: Mail' }).press('Enter')
    await expect(page.getByText('Mail is tried again.')).toBeVisible()
    await expect(page.getByText('No job has failed.')).toBeVisible()
  })

  test('says when a job cannot be tried again', async ({ page, open }) => {
    await open('/owner/system', { as: 'OWNER' })
    await breakPath(page, '**/api/owner/system/jobs/*/retry', 409, 'job_not_failed')
    await page.getByRole('button', { name: 'Try again: Mail' }).click()
    await expect(page.getByText('Not tried again')).toBeVisible()
  })
})
