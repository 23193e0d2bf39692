// Build, development server and unit tests. `--mode mock` answers /api from src/mocks instead of a real server.
import { tanstackRouter } from '@tanstack/router-plugin/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { mockApi } from './src/mocks/vite-plugin.ts'

export default defineConfig(({ mode }) => ({
  plugins: [
    tanstackRouter({ target: 'react', autoCodeSplitting: true, quoteStyle: 'single' }),
    react(),
    ...(mode === 'mock' ? [mockApi()] : []),
  ],
  resolve: { tsconfigPaths: true },
  // No data: URLs: the content security policy allows fonts from our own origin only.
  build: { target: 'es2023', manifest: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 600 },
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
