import { createFileRoute } from '@tanstack/react-router'
import { ChoosePage } from '~/features/register/choose-page'
import { registrationQuery } from '~/features/register/queries'

export const Route = createFileRoute('/register/$token')({
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(registrationQuery(params.token))
  },
  component: ChoosePage,
})
