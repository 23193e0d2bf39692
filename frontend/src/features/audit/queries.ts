// What was done in the company and who looked at whom, newest first.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { saveFile } from '~/api/files'
import { dayIn } from '~/lib/time'
import type { AuditSearch } from './search'

function filterOf({ cursor: _, person, ...filter }: AuditSearch) {
  return { ...filter, user_id: person }
}

export const auditQuery = (search: AuditSearch) =>
  queryOptions({
    queryKey: ['company-audit', search],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const query = { ...filterOf(search), cursor: search.cursor }
      return ok(api.GET('/api/audit', { params: { query }, signal }))
    },
  })

export function exportAudit(search: AuditSearch, format: 'csv' | 'xlsx') {
  const query = { ...filterOf(search), format }
  const call = api.GET('/api/audit/export', { params: { query }, parseAs: 'blob' })
  return saveFile(`audit-${dayIn('UTC')}.${format}`, call)
}

/** Asked for by hand only: it reads thousands of entries. */
export const verificationQuery = (noted: string | undefined) =>
  queryOptions({
    queryKey: ['company-audit', 'verification', noted],
    enabled: false,
    gcTime: 0,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/audit/verification', { params: { query: { noted } }, signal })),
  })
