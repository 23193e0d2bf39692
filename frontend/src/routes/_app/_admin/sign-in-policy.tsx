import { createFileRoute } from '@tanstack/react-router'
import { SignInPolicyPage } from '~/features/sign-in-policy/sign-in-policy-page'

export const Route = createFileRoute('/_app/_admin/sign-in-policy')({
  component: SignInPolicyPage,
})
