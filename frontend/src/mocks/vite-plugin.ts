// Answers /api from the mock world while developing: `npm run dev:mock`.
import type { IncomingMessage } from 'node:http'
import type { Plugin, ViteDevServer } from 'vite'

export function mockApi(): Plugin {
  return { name: 'mock-api', configureServer: answerFromMocks }
}

function answerFromMocks(server: ViteDevServer) {
  // Loaded through the server, so that path aliases work and edits of the mocks are seen after a restart.
  const world = server
    .ssrLoadModule('/src/mocks/world.ts')
    .then((module) => module.createWorld({ now: new Date() }))
  server.middlewares.use('/api', async (request, response) => {
    const { handle } = await world
    const token = request.headers.authorization?.replace('Bearer ', '')
    const [method, seen] = [request.method ?? 'GET', request.headers['if-match']]
    const known = request.headers['if-none-match']
    const reply = handle(method, `/api${request.url}`, await text(request), token, seen, known)
    response.writeHead(reply.status, reply.headers).end(reply.body)
  })
}

async function text(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return chunks.length ? Buffer.concat(chunks).toString() : null
}
