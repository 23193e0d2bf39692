// Reports that are kept under a name: what they ask for as an address, and back.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, done, ok } from '~/api/client'
import { useRefresh } from '~/api/refresh'
import type { Input, ReportParameters, SavedReport } from '~/api/types'
import type { Day } from '~/lib/time'
import { type Period, periods } from '../usage/periods'
import type { ReportFilter } from './queries'
import type { ReportsSearch } from './search'

/** The server's names of the stretches that the page offers. */
const PERIODS: Record<NonNullable<ReportParameters['period']>, string> = {
  today: 'Today',
  yesterday: 'Yesterday',
  this_week: 'This week',
  last_week: 'Last week',
  this_month: 'This month',
  last_month: 'Last month',
  last_30_days: 'Last 30 days',
  last_90_days: 'Last 90 days',
}

/** The stretch that moves on with the calendar, where the days are one. */
export function movingPeriod({ from, to }: Period, today: Day) {
  const known = periods(today)
  const found = Object.entries(PERIODS).find(
    ([, name]) => known[name]?.from === from && known[name]?.to === to,
  )
  return found && { period: found[0] as keyof typeof PERIODS, name: found[1] }
}

export function parametersOf(filter: ReportFilter, moves: boolean, today: Day): ReportParameters {
  const { from, to, ...rest } = filter
  const moving = moves ? movingPeriod({ from, to }, today) : undefined
  const days = moving ? { period: moving.period } : { from, to }
  const given = Object.entries(rest).filter(([, value]) => value !== undefined)
  return { ...days, ...Object.fromEntries(given) } as ReportParameters
}

export function searchOf({ report }: SavedReport, today: Day): Partial<ReportsSearch> {
  const days = report.period ? periods(today)[PERIODS[report.period]] : report
  return {
    kind: report.kind,
    from: days?.from,
    to: days?.to,
    group: report.group,
    sub: report.sub,
    person: report.user_id,
    team: report.team_id,
    compare: report.compare === 'previous',
    sort: report.sort,
  }
}

export const savedReportsQuery = queryOptions({
  queryKey: ['saved-reports'],
  queryFn: ({ signal }) =>
    ok(api.GET('/api/saved-reports', { params: { query: { limit: 200 } }, signal })),
})

function useChanged() {
  const cache = useQueryClient()
  return { onSuccess: () => cache.invalidateQueries({ queryKey: ['saved-reports'] }) }
}

export const useSaveReport = () =>
  useMutation({
    mutationFn: (body: Input<'/api/saved-reports'>) => ok(api.POST('/api/saved-reports', { body })),
    ...useChanged(),
  })

type Change = { saved: SavedReport; body: Input<'/api/saved-reports/{saved_report_id}', 'patch'> }
export const useChangeSaved = () =>
  useMutation({
    mutationFn: ({ saved, body }: Change) =>
      ok(
        api.PATCH('/api/saved-reports/{saved_report_id}', {
          params: {
            path: { saved_report_id: saved.id },
            header: { 'If-Match': `"${saved.version}"` },
          },
          body,
        }),
      ),
    ...useChanged(),
  })

export const useDeleteSaved = () => {
  const refresh = useRefresh(['saved-reports'])
  return useMutation({
    mutationFn: (saved_report_id: string) =>
      done(
        api.DELETE('/api/saved-reports/{saved_report_id}', {
          params: { path: { saved_report_id } },
        }),
      ),
    onSuccess: refresh,
  })
}

type NewSchedule = {
  saved: SavedReport
  body: Input<'/api/saved-reports/{saved_report_id}/schedule', 'put'>
}
export const useSchedule = () =>
  useMutation({
    mutationFn: ({ saved, body }: NewSchedule) =>
      ok(
        api.PUT('/api/saved-reports/{saved_report_id}/schedule', {
          params: {
            path: { saved_report_id: saved.id },
            header: { 'If-Match': `"${saved.version}"` },
          },
          body,
        }),
      ),
    ...useChanged(),
  })

export const useEndSchedule = () =>
  useMutation({
    mutationFn: (saved_report_id: string) =>
      ok(
        api.DELETE('/api/saved-reports/{saved_report_id}/schedule', {
          params: { path: { saved_report_id } },
        }),
      ),
    ...useChanged(),
  })
