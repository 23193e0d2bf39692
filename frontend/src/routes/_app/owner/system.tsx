import { createFileRoute } from '@tanstack/react-router'
import { systemQuery } from '~/features/owner/system/queries'
import { SystemPage } from '~/features/owner/system/system-page'

export const Route = createFileRoute('/_app/owner/system')({
  loader: ({ context }) => {
    void context.queryClient.prefetchQuery(systemQuery)
  },
  component: SystemPage,
})
