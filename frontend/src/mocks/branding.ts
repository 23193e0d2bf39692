// How the company of the mock world shows itself: nothing yet, unless a test says otherwise.
import type { Me, Role } from '~/api/types'
import { type createRouter, Picture, Refusal } from './server'

type On = ReturnType<typeof createRouter>['on']
export type Look = NonNullable<Me['company']>['branding']

type Context = {
  now: Date
  allow: (token: string | undefined, ...roles: Role[]) => Role
  write: (token: string | undefined) => void
  look: Look
}

const SVG = (light: boolean) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="120"><circle cx="60" cy="60" r="52" fill="${light ? '#fff' : '#0b7285'}"/><rect x="140" y="38" width="320" height="44" rx="10" fill="${light ? '#fff' : '#102a43'}"/></svg>`

export function serveBranding(on: On, { now, allow, write, look }: Context) {
  let version = look.name || look.accent || look.logo ? 1 : 0
  const shown = () => ({
    company_name: 'Acme Ltd',
    ...look,
    updated_at: version > 0 ? now.toISOString() : null,
    version,
  })
  const check = (seen: string | undefined) => {
    if (seen === undefined) throw new Refusal(428, 'precondition_required')
    if (seen !== String(version)) throw new Refusal(412, 'precondition_failed')
  }
  on('get', '/api/branding', ({ token }) => {
    allow(token, 'ADMIN', 'EMPLOYEE')
    return shown()
  })
  on('patch', '/api/branding', ({ token, body, seen }) => {
    write(token)
    check(seen)
    const { name, accent } = body
    if (name === null) delete look.name
    else if (name !== undefined) look.name = name
    if (accent === null) delete look.accent
    else if (accent !== undefined) look.accent = accent.toLowerCase()
    version += 1
    return shown()
  })
  on('get', '/api/branding/logo', ({ token }) => {
    allow(token, 'ADMIN', 'EMPLOYEE')
    if (!look.logo) throw new Refusal(404, 'not_found')
    return new Picture({ type: 'image/svg+xml', text: SVG(look.logo.on_dark) })
  })
  on('put', '/api/branding/logo', ({ token, seen }) => {
    write(token)
    check(seen)
    version += 1
    look.logo = { version, width: 480, height: 120, on_dark: false }
    return shown()
  })
  on('delete', '/api/branding/logo', ({ token, seen }) => {
    write(token)
    check(seen)
    delete look.logo
    version += 1
    return shown()
  })
  return {
    /** As a second admin would. */
    changeLook: (changes: Partial<Look>) => {
      Object.assign(look, changes)
      version += 1
    },
  }
}
