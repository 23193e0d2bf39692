import { createFileRoute } from '@tanstack/react-router'
import { choosablePlansQuery } from '~/features/owner/plans/queries'
import { termsQuery } from '~/features/owner/registration/queries'
import { RegistrationPage } from '~/features/owner/registration/registration-page'

export const Route = createFileRoute('/_app/owner/registration')({
  loader: ({ context }) => {
    void context.queryClient.prefetchQuery(termsQuery)
    void context.queryClient.prefetchQuery(choosablePlansQuery)
  },
  component: RegistrationPage,
})
