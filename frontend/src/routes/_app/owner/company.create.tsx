import { createFileRoute } from '@tanstack/react-router'
import { CreateCompanyPage } from '~/features/owner/company/create-page'

export const Route = createFileRoute('/_app/owner/company/create')({
  component: CreateCompanyPage,
})
