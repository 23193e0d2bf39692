// The fixture of every browser test: a page whose /api is the mock world, and whose faults fail the test.
import { test as base, expect, type Page, type Route } from '@playwright/test'
import { createWorld, NOW, type WorldOptions } from '~/mocks/world'

export type World = ReturnType<typeof createWorld>

type Fixtures = {
  /** Opens the app as somebody, in a world of its own. */
  open: (path: string, options?: WorldOptions) => Promise<World>
  /** What the browser complained about: refused by the content policy, or thrown by the app. */
  complaints: string[]
}

export const test = base.extend<Fixtures>({
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
      page.on('console', (message) => {
        if (/content security policy/i.test(message.text())) complaints.push(message.text())
      })
      await use(complaints)
      expect(complaints).toEqual([])
    },
    { auto: true },
  ],
  open: async ({ page }, use) => {
    await use(async (path, options = {}) => {
      const world = createWorld(options)
      await page.clock.setFixedTime(options.now ?? NOW)
      await answer(page, world)
      await page.goto(path)
      return world
    })
  },
})

async function answer(page: Page, world: World) {
  await page.route('**/api/**', async (route) => {
    const request = route.request()
    const token = request.headers().authorization?.replace('Bearer ', '')
    const { 'if-match': seen, 'if-none-match': known } = request.headers()
    const [method, url] = [request.method(), request.url()]
    const reply = world.handle(method, url, request.postData(), token, seen, known)
    await route.fulfill(reply)
  })
}

/** Answers one path with a problem until `stop` is called. */
export async function breakPath(page: Page, glob: string, status: number, code: string) {
  const body = JSON.stringify({
    type: 'about:blank',
    title: status === 403 ? 'Your role may not do this.' : 'Something broke on our side.',
    status,
    code,
    request_id: 'req-broken',
  })
  const refuse = (route: Route) =>
    route.fulfill({ status, contentType: 'application/problem+json', body })
  await page.route(glob, refuse)
  return () => page.unroute(glob, refuse)
}

export { expect }
