import { createFileRoute, redirect } from '@tanstack/react-router'
import { z } from 'zod/mini'
import { session } from '~/api/client'
import { LoginPage } from '~/features/login/login-page'
import { safeNext } from '~/lib/can'
import { flag, text } from '~/lib/search'

export const Route = createFileRoute('/login')({
  validateSearch: z.object({
    next: text(),
    expired: flag(),
  }),
  beforeLoad: ({ search }) => {
    const identity = session.identity()
    if (identity) throw redirect({ href: safeNext(search.next, identity.role), replace: true })
  },
  component: LoginPage,
})
