// What owners and jobs did, newest first.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import { addDays, dayIn, dayStart } from '~/lib/time'
import type { AuditSearch } from './search'

function filterOf({ actor, action, company, from, to }: AuditSearch, zone: string) {
  return {
    actor,
    action,
    company_id: company ? [company] : undefined,
    from: from ? dayStart(from, zone).toISOString() : undefined,
    to: to ? dayStart(addDays(to, 1), zone).toISOString() : undefined,
  }
}

export const auditQuery = (search: AuditSearch, zone: string) =>
  queryOptions({
    queryKey: ['audit', search, zone],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const query = { ...filterOf(search, zone), cursor: search.cursor }
      return ok(api.GET('/api/owner/audit', { params: { query }, signal }))
    },
  })

export function exportAudit(search: AuditSearch, zone: string, format: 'csv' | 'xlsx') {
  const query = { ...filterOf(search, zone), format }
  const call = api.GET('/api/owner/audit/export', { params: { query }, parseAs: 'blob' })
  return saveFile(`audit-${dayIn('UTC')}.${format}`, call)
}
