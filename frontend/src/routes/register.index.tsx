import { createFileRoute } from '@tanstack/react-router'
import { AskPage } from '~/features/register/ask-page'
import { registrationStateQuery } from '~/features/register/queries'

export const Route = createFileRoute('/register/')({
  loader: ({ context }) => {
    void context.queryClient.prefetchQuery(registrationStateQuery)
  },
  component: AskPage,
})
