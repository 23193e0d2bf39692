// Runs before the first paint and long before the app arrives. Sets the colour scheme, and asks at once for what the app
// would ask for in turns: the page's files, the session, who one is. What it takes up, `src/api/early.ts` hands on.
// A file, because the content security policy refuses inline scripts.
;(() => {
  const stored = (key) => {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  }
  const chosen = stored('mantine-color-scheme-value')
  const dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')

  // The build writes it; the development server does not.
  const plan = document.getElementById('plan')
  if (!plan) return
  const { api, home, files, pages } = JSON.parse(plan.textContent)
  // The role of the last visit: a hint for loading, never for access.
  const role = stored('tracker-signed-in')
  const path = location.pathname.replace(/(.)\/+$/, '$1')
  const at = (wanted) => pages.find((page) => new RegExp(page.path).test(wanted))
  const page = at(path === '/' ? home[role] : path)
  const mayEnter = !page?.roles || page.roles.includes(role)
  for (const file of (mayEnter ? page : at('/login'))?.files.map((place) => files[place]) ?? []) {
    const link = document.createElement('link')
    // Styles are only fetched here: this is before the app's own, and their order decides.
    // Asked for in the same mode as the app does, or they would be fetched twice.
    if (file.endsWith('.css')) Object.assign(link, { rel: 'preload', as: 'style', crossOrigin: '' })
    else link.rel = 'modulepreload'
    link.href = `/${file}`
    document.head.append(link)
  }

  if (!role || (page && !page.roles)) return
  // The refresh token may be used once only: the lock keeps other tabs from doing it at the same time.
  const refresh = () =>
    fetch(`${api}/api/auth/refresh`, {
      method: 'POST',
      credentials: 'include',
      headers: { 'X-Requested-With': 'tracker' },
    })
  const session = navigator.locks ? navigator.locks.request('tracker-refresh', refresh) : refresh()
  const me = session.then(async (response) => {
    const { access_token: token } = await response.clone().json()
    const answer = await fetch(`${api}/api/me`, { headers: { Authorization: `Bearer ${token}` } })
    return { token, response: answer }
  })
  // Whoever takes them up sees the failure; until then nobody does.
  for (const asked of [session, me]) asked.catch(() => null)
  window.early = { session, me }
})()
