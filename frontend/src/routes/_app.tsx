// Everything that needs a session.
import { createFileRoute, redirect } from '@tanstack/react-router'
import { meQuery } from '~/api/me'
import { AppLayout } from '~/components/shell/app-layout'
import { ShellOutline } from '~/components/shell-outline'
import { requireSession } from '~/lib/guard'

export const Route = createFileRoute('/_app')({
  beforeLoad: ({ location }) => requireSession(location.href),
  loader: async ({ context, location }) => {
    const me = await context.queryClient.ensureQueryData(meQuery)
    if (me.must_set_up_two_factor)
      throw redirect({ to: '/two-factor', search: { next: location.href }, replace: true })
  },
  component: AppLayout,
  pendingComponent: ShellOutline,
  pendingMs: 0,
  pendingMinMs: 0,
})
