// The whole product in a browser: real server, real database, real agent. Each story has a server, a database and a display
// of its own, so two of them may run at a time. What measures runs after them, alone.
import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: '.',
  testMatch: '*.e2e.ts',
  timeout: 240_000,
  expect: { timeout: 30_000 },
  workers: 2,
  forbidOnly: !!process.env.CI,
  reporter: 'list',
  projects: [
    { name: 'stories', testIgnore: 'accuracy.e2e.ts' },
    { name: 'measured', testMatch: 'accuracy.e2e.ts', dependencies: ['stories'] },
  ],
  use: {
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
