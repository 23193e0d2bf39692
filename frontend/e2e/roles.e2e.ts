// Who sees which page, and that nobody downloads another role's.
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import type { Role } from '~/api/types'
import { HOME } from '~/lib/can'
import { ADA, PLACES } from './pages'
import { expect, test } from './world'

const ROLES: Role[] = ['OWNER', 'ADMIN', 'TEAM_ADMIN', 'EMPLOYEE']
/** Whom a page is for; an admin may track own time as well, and everybody has a profile. */
const TRACKED: Role[] = ['EMPLOYEE', 'TEAM_ADMIN', 'ADMIN']
/** About people: for those who administer all of the company, or teams. */
const PEOPLE: Role[] = ['TEAM_ADMIN', 'ADMIN']
const ALLOWED: Record<string, Role[]> = {
  'my day': TRACKED,
  'my team': TRACKED,
  screenshots: TRACKED,
  'my screenshots': TRACKED,
  'who looked': TRACKED,
  sessions: TRACKED,
  'manual time': TRACKED,
  disputes: TRACKED,
  alerts: TRACKED,
  'alert rules': TRACKED,
  'monitoring policy': TRACKED,
  tasks: TRACKED,
  'company reports': TRACKED,
  'task board': TRACKED,
  profile: ROLES,
  live: PEOPLE,
  'live, for a wall': PEOPLE,
  employees: PEOPLE,
  usage: TRACKED,
  'who used an application': TRACKED,
  employee: PEOPLE,
  'devices of an employee': PEOPLE,
  'settings of an employee': PEOPLE,
  'access log of an employee': PEOPLE,
  'minutes of an employee': PEOPLE,
}

for (const role of ROLES)
  test(`${role} opens the pages of that role only`, async ({ page, open }) => {
    await open('/', { as: role })
    await expect(page).toHaveURL(new RegExp(`${HOME[role]}$`))
    for (const place of PLACES.filter((candidate) => candidate.as)) {
      await page.goto(place.path)
      const allowed = (ALLOWED[place.name] ?? [place.as]).includes(role)
      const heading = allowed ? place.heading : 'This page is not for your role'
      await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible()
    }
  })

type Manifest = Record<string, { file: string; imports?: string[] }>
const manifest: Manifest = JSON.parse(
  readFileSync(new URL('../dist/.vite/manifest.json', import.meta.url), 'utf8'),
)
/** The route folders of each role, and words that only pages of that role say. */
const OWN: Record<Role, { routes: RegExp; words: string[] }> = {
  OWNER: { routes: /routes\/_app\/owner/, words: ['You see counts only', 'Numbers per company'] },
  ADMIN: { routes: /routes\/_app\/_admin/, words: ['Show company key'] },
  TEAM_ADMIN: { routes: /routes\/_app\/_people/, words: [] },
  EMPLOYEE: { routes: /routes\/_app\/_me/, words: ['Never recorded'] },
}

function filesOf(role: Role): string[] {
  return Object.entries(manifest)
    .filter(([source]) => OWN[role].routes.test(source))
    .map(([, chunk]) => `/${chunk.file}`)
}

async function requestedBy(page: Page, walk: () => Promise<void>): Promise<Map<string, string>> {
  const scripts = new Map<string, string>()
  page.on('response', async (response) => {
    const { pathname } = new URL(response.url())
    if (pathname.endsWith('.js')) scripts.set(pathname, await response.text().catch(() => ''))
  })
  await walk()
  return scripts
}

const WALKS: Record<Role, string[]> = {
  OWNER: ['/owner/dashboard', '/owner/company/create', '/employees', '/dashboard/user'],
  ADMIN: ['/dashboard/admin', '/employees', `/employees/${ADA}`, '/owner/dashboard'],
  TEAM_ADMIN: ['/live', '/employees', '/settings', '/owner/dashboard'],
  EMPLOYEE: ['/dashboard/user', '/employees', '/owner/dashboard'],
}
/** Pages that an admin may open too. */
const SHARED: Partial<Record<Role, Role[]>> = {
  ADMIN: ['EMPLOYEE', 'TEAM_ADMIN'],
  TEAM_ADMIN: ['EMPLOYEE'],
}

for (const role of ROLES)
  test(`${role} downloads no other role's pages, not even by trying their addresses`, async ({
    page,
    open,
  }) => {
    await open('/login', { as: role })
    const scripts = await requestedBy(page, async () => {
      for (const path of WALKS[role]) {
        await page.goto(path)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await page.waitForLoadState('networkidle')
      }
    })
    const own = filesOf(role)
    expect([...scripts.keys()].some((file) => own.includes(file))).toBe(true)
    for (const other of ROLES.filter((candidate) => candidate !== role)) {
      if (SHARED[role]?.includes(other)) continue
      // Layout chunks of two roles may be the same few bytes and then share a name.
      const foreign = filesOf(other).filter(
        (file) => !own.includes(file) && !/_(me|admin|people)-|owner-/.test(file),
      )
      expect([...scripts.keys()].filter((file) => foreign.includes(file))).toEqual([])
      for (const word of OWN[other].words)
        expect(
          [...scripts].filter(([, text]) => text.includes(word)).map(([file]) => file),
        ).toEqual([])
    }
  })

test('an unknown page, and one of another company, are the same to everybody', async ({
  page,
  open,
}) => {
  await open('/nothing/here', { as: 'ADMIN' })
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()
  await page.goto('/employees/01939000-0000-7000-8000-00000000dead')
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible()
  await page.getByRole('link', { name: 'Go to your start page' }).click()
  await expect(page).toHaveURL(/\/dashboard\/admin$/)
})
