import { createFileRoute } from '@tanstack/react-router'
import { twoFactorQuery } from '~/components/code-field'
import { ProfilePage } from '~/features/profile/profile-page'
import { signInsQuery } from '~/features/profile/queries'

export const Route = createFileRoute('/_app/profile')({
  loader: ({ context: { queryClient } }) => {
    void queryClient.prefetchQuery(signInsQuery)
    void queryClient.prefetchQuery(twoFactorQuery)
  },
  component: ProfilePage,
})
