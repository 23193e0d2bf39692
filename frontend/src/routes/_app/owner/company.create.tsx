import { createFileRoute } from '@tanstack/react-router'
import { CreateCompanyPage } from '~/features/owner/company/create-page'
import { plansQuery } from '~/features/owner/company/queries'

export const Route = createFileRoute('/_app/owner/company/create')({
  loader: ({ context }) => {
    void context.queryClient.prefetchQuery(plansQuery)
  },
  component: CreateCompanyPage,
})
