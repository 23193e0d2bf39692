import { createFileRoute } from '@tanstack/react-router'
import { twoFactorQuery } from '~/components/code-field'
import { signInPolicyQuery } from '~/features/sign-in-policy/queries'
import { SignInPolicyPage } from '~/features/sign-in-policy/sign-in-policy-page'

export const Route = createFileRoute('/_app/_admin/sign-in-policy')({
  loader: ({ context: { queryClient } }) => {
    void queryClient.prefetchQuery(signInPolicyQuery)
    void queryClient.prefetchQuery(twoFactorQuery)
  },
  component: SignInPolicyPage,
})
