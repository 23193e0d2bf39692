// Serves the build like production does: gzip, a fresh nonce in page and policy, every unknown path is the app.
// For tests: `node scripts/serve.mjs [port]`. It answers no /api; tests answer that themselves.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const DIST = fileURLToPath(new URL('../dist', import.meta.url))
const PORT = Number(process.argv[2] ?? 4173)
const TYPES = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

function policy(nonce) {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "font-src 'self'",
    "img-src 'self' blob: data:",
    `style-src 'self' 'nonce-${nonce}'`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ')
}

const COMPRESSED = new Map()

/** Tests load the same files hundreds of times, and the build does not change meanwhile. */
function compressed(file) {
  if (!COMPRESSED.has(file)) COMPRESSED.set(file, gzipSync(readFileSync(file), { level: 9 }))
  return COMPRESSED.get(file)
}

createServer((request, response) => {
  const path = normalize(decodeURIComponent(request.url.split('?')[0]))
  const file = join(DIST, path)
  const type = TYPES[extname(path)]
  if (path.startsWith('/api')) return response.writeHead(502).end()
  if (type && file.startsWith(DIST) && existsSync(file)) {
    response.writeHead(200, {
      'content-type': type,
      'content-encoding': 'gzip',
      'cache-control': path.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
    })
    return response.end(compressed(file))
  }
  if (type) return response.writeHead(404).end()
  const nonce = randomBytes(16).toString('hex')
  const page = readFileSync(join(DIST, 'index.html'), 'utf8').replace('__CSP_NONCE__', nonce)
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy(nonce),
    'cache-control': 'no-store',
  })
  response.end(page)
}).listen(PORT, '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}`))
