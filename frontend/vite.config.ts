// Build, development server and unit tests. `--mode mock` answers /api from src/mocks instead of a real server.
import { tanstackRouter } from '@tanstack/router-plugin/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { boot } from './scripts/vite-boot.ts'
import { styles } from './scripts/vite-styles.ts'
import { HOME } from './src/lib/can.ts'
import { mockApi } from './src/mocks/vite-plugin.ts'

/** What the pages before sign-in need beyond the first chunk, and all others as well. */
const SIGN_IN =
  /\/components\/(Input|InputBase|TextInput|ActionIcon|Skeleton)\/|\/src\/components\/shell\/brand|\/(create-safe-context|use-resolved-styles-api)\/|\/useQuery\.js$|\/icons\/(clock|check|copy)\.mjs$/

const short = (name: string) => name.replace(/~.*|\.\w+$/, '')

export default defineConfig(({ mode }) => ({
  plugins: [
    tanstackRouter({ target: 'react', autoCodeSplitting: true, quoteStyle: 'single' }),
    react(),
    boot(HOME),
    styles(),
    ...(mode === 'mock' ? [mockApi()] : []),
  ],
  resolve: { tsconfigPaths: true },
  // No data: URLs: the content security policy allows fonts from our own origin only.
  build: {
    target: 'es2023',
    manifest: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        // Merged chunks would carry the names of all their pages.
        chunkFileNames: ({ name }) => `assets/${short(name)}-[hash].js`,
        assetFileNames: ({ names }) => `assets/${short(names[0] ?? 'file')}-[hash][extname]`,
        // Left alone, every combination of pages gets its chunks: some sixty files a page, each a round trip.
        // The sign-in page keeps to its own; features and routes are never merged, so that no role downloads
        // another's pages.
        codeSplitting: {
          groups: [
            { name: 'front', tags: ['$initial'], priority: 2 },
            { name: 'sign-in', test: SIGN_IN, priority: 1 },
            {
              name: 'form',
              test: /@mantine\/form\/|\/(klona|fast-deep-equal)\/|\/components\/PasswordInput\/|\/src\/components\/(front-door|form-problem)/,
              priority: 1,
            },
            // Of the forms behind sign-in, and of those that choose a password.
            { name: 'schemas', test: /\/zod\//, priority: 1 },
            { name: 'icons', test: /\/lucide-react\//, priority: 1 },
            {
              name: 'shared',
              test: (id) => !/\/src\/(features|routes)\//.test(id),
              minShareCount: 2,
              entriesAware: true,
              entriesAwareMergeThreshold: 1200,
            },
          ],
        },
      },
    },
  },
  server: {
    host: '127.0.0.1',
    ...(mode === 'mock' ? {} : { proxy: { '/api': process.env.API ?? 'http://127.0.0.1:8080' } }),
  },
  test: {
    environment: 'jsdom',
    environmentOptions: { jsdom: { url: 'http://localhost/' } },
    setupFiles: './src/test/setup.ts',
    include: ['src/**/*.test.{ts,tsx}'],
    env: { VITE_API_URL: 'http://localhost', TZ: 'America/New_York' },
  },
}))
