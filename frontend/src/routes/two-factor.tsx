import { createFileRoute, redirect } from '@tanstack/react-router'
import { meQuery } from '~/api/me'
import { MustSetUpPage } from '~/features/profile/must-set-up-page'
import { safeNext } from '~/lib/can'
import { requireSession } from '~/lib/guard'
import { searchOf, text } from '~/lib/search'

export const Route = createFileRoute('/two-factor')({
  validateSearch: searchOf({ next: text() }),
  beforeLoad: async ({ location, search, context: { queryClient } }) => {
    const { role } = await requireSession(location.href)
    const me = await queryClient.fetchQuery({ ...meQuery, staleTime: 0 })
    if (!me.must_set_up_two_factor)
      throw redirect({ href: safeNext(search.next, role), replace: true })
  },
  component: MustSetUpPage,
})
