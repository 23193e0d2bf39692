import { createFileRoute, redirect } from '@tanstack/react-router'
import { session } from '~/api/client'
import { LoginPage } from '~/features/login/login-page'
import { safeNext } from '~/lib/can'
import { flag, searchOf, text } from '~/lib/search'

export const Route = createFileRoute('/login')({
  validateSearch: searchOf({
    next: text(),
    expired: flag(),
  }),
  beforeLoad: async ({ search }) => {
    // A server in trouble must not keep anybody from the form.
    const identity = session.expected() ? await session.restore().catch(() => null) : null
    if (identity) throw redirect({ href: safeNext(search.next, identity.role), replace: true })
  },
  component: LoginPage,
})
