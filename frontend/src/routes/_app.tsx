// Everything that needs a session.
import { createFileRoute } from '@tanstack/react-router'
import { meQuery } from '~/api/me'
import { AppLayout } from '~/components/shell/app-layout'
import { ShellOutline } from '~/components/shell-outline'
import { requireSession } from '~/lib/guard'

export const Route = createFileRoute('/_app')({
  beforeLoad: ({ location }) => requireSession(location.href),
  loader: ({ context }) => context.queryClient.ensureQueryData(meQuery),
  component: AppLayout,
  pendingComponent: ShellOutline,
  pendingMs: 0,
  pendingMinMs: 0,
})
