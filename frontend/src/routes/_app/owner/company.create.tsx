import { createFileRoute } from '@tanstack/react-router'
import { CreateCompanyPage } from '~/features/owner/company/create-page'
import { choosablePlansQuery } from '~/features/owner/plans/queries'

export const Route = createFileRoute('/_app/owner/company/create')({
  loader: ({ context }) => {
    void context.queryClient.prefetchQuery(choosablePlansQuery)
  },
  component: CreateCompanyPage,
})
