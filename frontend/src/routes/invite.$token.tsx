import { createFileRoute } from '@tanstack/react-router'
import { InvitePage } from '~/features/invite/invite-page'
import { invitationQuery } from '~/features/invite/queries'

export const Route = createFileRoute('/invite/$token')({
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(invitationQuery(params.token))
  },
  component: InvitePage,
})
