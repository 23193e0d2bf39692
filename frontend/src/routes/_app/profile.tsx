import { createFileRoute } from '@tanstack/react-router'
import { ProfilePage } from '~/features/profile/profile-page'
import { signInsQuery } from '~/features/profile/queries'

export const Route = createFileRoute('/_app/profile')({
  loader: ({ context: { queryClient } }) => {
    void queryClient.prefetchQuery(signInsQuery)
  },
  component: ProfilePage,
})
