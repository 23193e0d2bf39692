import { createFileRoute } from '@tanstack/react-router'
import { AuditPage } from '~/features/owner/audit/audit-page'
import { auditSearch } from '~/features/owner/audit/search'

export const Route = createFileRoute('/_app/owner/audit')({
  validateSearch: auditSearch,
  component: AuditPage,
})
