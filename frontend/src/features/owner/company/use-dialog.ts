// What each dialog of a company's page needs: the company, and the way back to the page.
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { companyQuery } from './queries'

export function useCompanyDialog() {
  const { companyId } = useParams({ from: '/_app/owner/company/$companyId' })
  const navigate = useNavigate({ from: '/owner/company/$companyId' })
  const company = useQuery(companyQuery(companyId))
  const close = () =>
    void navigate({ to: '/owner/company/$companyId', params: { companyId }, search: true })
  return { companyId, company, close }
}
