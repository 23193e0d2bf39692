// Starts the app: theme, queries, router, and what happens when a session ends.
import '@fontsource-variable/inter/wght.css'
import './mantine'
import './global.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { createRouter, RouterProvider } from '@tanstack/react-router'
import { setNonce } from 'get-nonce'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { session } from '~/api/client'
import { RouteError, RouteNotFound } from '~/components/route-states'
import { Themed } from '~/components/themed'
import { createQueryClient } from '~/lib/query'
import { parseSearch, stringifySearch } from '~/lib/search'
import { routeTree } from './routeTree.gen'

const queryClient = createQueryClient(() => {
  const { pathname, href } = router.state.location
  if (pathname !== '/two-factor')
    void router.navigate({ to: '/two-factor', search: { next: href }, replace: true })
})
const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: 'intent',
  defaultErrorComponent: RouteError,
  defaultNotFoundComponent: RouteNotFound,
  scrollRestoration: true,
  trailingSlash: 'never',
  parseSearch,
  stringifySearch,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
  interface HistoryState {
    /** This page of a list was reached by its Next button, so Back leads to the page before. */
    pagedFrom?: boolean
  }
}

// Most visits are of somebody signed in: the shell is on its way while the session is restored. The session first,
// as the router waits for it, and browsers open few connections at a time. Failures show themselves in the router.
if (session.expected()) {
  void session.restore().catch(() => null)
  void router.loadRouteChunk(router.routesById['/_app'])
}

session.onEnd((ending) => {
  queryClient.clear()
  // Another person signed in beside us: nothing that this tab holds is theirs, so start from nothing.
  if (ending === 'somebody-else') window.location.replace('/')
  else
    void router.navigate({
      to: '/login',
      search: ending === 'expired' ? { next: router.state.location.href, expired: true } : {},
    })
})

// Style elements made at run time carry the nonce of this page: the policy refuses any other.
const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? ''
setNonce(nonce)

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <Themed nonce={nonce}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </Themed>
    </StrictMode>,
  )
