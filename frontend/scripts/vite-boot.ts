// Tells boot.js what each page will need, so that a visit asks for it all at once and not in turns: first the app, then
// its pages, then the session. Written into the built page as data; the development server has no chunks to name.
import type { Plugin, Rolldown } from 'vite'

const BOOT = /<script src="\/boot\.js">/
const SPLIT = '?tsr-split=component'
/** Whose pages stand in which folder: nobody asks for another role's. */
const ROLES: [RegExp, string[]][] = [
  [/\/_app\/owner[/.]/, ['OWNER']],
  [/\/_app\/_admin[/.]/, ['ADMIN']],
  [/\/_app\/_people[/.]/, ['ADMIN', 'TEAM_ADMIN']],
  [/\/_app\/_me[/.]/, ['EMPLOYEE', 'TEAM_ADMIN', 'ADMIN']],
  [/\/_app\//, ['OWNER', 'ADMIN', 'TEAM_ADMIN', 'EMPLOYEE']],
]

export function boot(home: Record<string, string>): Plugin {
  let api = ''
  return {
    name: 'tracker-boot',
    apply: 'build',
    configResolved(config) {
      api = config.env.VITE_API_URL ?? ''
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        if (!bundle) throw new Error('there are no chunks to name')
        const plan = JSON.stringify({ api, home, ...pagesOf(bundle) }).replaceAll('<', '\\u003c')
        return html.replace(
          BOOT,
          `<script type="application/json" id="plan">${plan}</script>\n    $&`,
        )
      },
    },
  }
}

/** Every page's address, who may see it, and its files by their place in one list. */
function pagesOf(bundle: Rolldown.OutputBundle) {
  const chunks = Object.values(bundle).filter((output) => output.type === 'chunk')
  const parts = new Map(
    chunks
      .filter(({ facadeModuleId }) => facadeModuleId?.endsWith(SPLIT))
      .map((chunk) => [routeOf(chunk), chunk]),
  )
  const first = new Set(chunks.filter(({ isEntry }) => isEntry).flatMap((chunk) => filesOf(chunk)))
  const files: string[] = []
  const place = (file: string) => {
    if (!files.includes(file)) files.push(file)
    return files.indexOf(file)
  }
  function filesOf(chunk: Rolldown.OutputChunk, found = new Set<string>()): string[] {
    if (found.has(chunk.fileName)) return []
    found.add(chunk.fileName)
    for (const css of chunk.viteMetadata?.importedCss ?? []) found.add(css)
    for (const name of chunk.imports) {
      const imported = bundle[name]
      if (imported?.type === 'chunk') filesOf(imported, found)
    }
    return [...found]
  }
  const pages = [...parts.keys()].map((route) => {
    const around = layoutsOf(route).flatMap((layout) => parts.get(layout) ?? [])
    const needed = new Set(around.flatMap((chunk) => filesOf(chunk)))
    return {
      path: patternOf(route),
      roles: ROLES.find(([folder]) => folder.test(`/${route}.`))?.[1],
      files: [...needed].filter((file) => !first.has(file)).map(place),
    }
  })
  // `create` is not a company: what names every step comes before what takes any.
  return { files, pages: pages.toSorted((a, b) => wild(a.path) - wild(b.path)) }
}

const wild = (path: string) => path.split('[^/]+').length

const routeOf = ({ facadeModuleId }: Rolldown.OutputChunk) =>
  (facadeModuleId ?? '').replace(/^.*\/src\/routes\//, '').slice(0, -`.tsx${SPLIT}`.length)

/** A page's own file name and those of the layouts around it: folders, and what stands before a dot. */
function layoutsOf(route: string): string[] {
  const cuts = [...route.matchAll(/[/.]/g)].map(({ index }) => route.slice(0, index))
  return [...cuts, route]
}

/** `_app/_admin/employees.$employeeId` → `^/employees/[^/]+$` */
function patternOf(route: string): string {
  const steps = route.split(/[/.]/).filter((step) => !step.startsWith('_') && step !== 'index')
  return `^/${steps.map((step) => (step.startsWith('$') ? '[^/]+' : step)).join('/')}$`
}
