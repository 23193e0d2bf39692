import { createFileRoute } from '@tanstack/react-router'
import { ChoosePage } from '~/features/reset/choose-page'
import { resetQuery } from '~/features/reset/queries'

export const Route = createFileRoute('/reset/$token')({
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(resetQuery(params.token))
  },
  component: ChoosePage,
})
