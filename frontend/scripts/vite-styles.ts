// Holds `src/mantine.ts` to the components that the build contains: one without its styles would look broken, one that
// is gone would still be paid for.
import { existsSync, readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

const STYLES = new URL('../node_modules/@mantine/core/styles/', import.meta.url)
const LIST = new URL('../src/mantine.ts', import.meta.url)

export function styles(): Plugin {
  return {
    name: 'tracker-styles',
    apply: 'build',
    generateBundle(_, bundle) {
      const listed = new Set(
        [...readFileSync(LIST, 'utf8').matchAll(/styles\/([A-Z]\w+)\.css/g)].map(
          ([, name]) => name,
        ),
      )
      const used = new Set<string | undefined>()
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue
        for (const [id, { renderedLength }] of Object.entries(output.modules)) {
          // Parts of a component may have styles of their own: `Radio/RadioCard/RadioCard.mjs`.
          const path = /\/@mantine\/core\/esm\/(?:components|utils)\/(.*)\/[^/]+$/.exec(id)?.[1]
          if (!path || renderedLength === 0) continue
          for (const name of path.split('/'))
            if (existsSync(new URL(`${name}.css`, STYLES))) used.add(name)
        }
      }
      const missing = [...used].filter((name) => !listed.has(name))
      const idle = [...listed].filter((name) => !used.has(name))
      if (missing.length) this.error(`src/mantine.ts lacks the styles of ${missing.join(', ')}`)
      if (idle.length) this.error(`src/mantine.ts names ${idle.join(', ')}, which nothing uses`)
    },
  }
}
