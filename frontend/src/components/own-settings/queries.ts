// What is in force for a team, a person and oneself, and what of it is their own.
import { keepPreviousData, queryOptions, useMutation } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import { useRefresh } from '~/api/refresh'
import type { Answer, EffectiveSettings, Input } from '~/api/types'

const OF_PERSON = '/api/employees/{employee_id}/settings'
const OF_TEAM = '/api/teams/{team_id}/settings'

export type OwnSettingsPatch = Input<typeof OF_PERSON, 'patch'>
export type SettingOverride = Answer<'/api/setting-overrides'>['items'][number]
/** Whose settings of their own. */
export type Subject = { kind: 'team' | 'person'; id: string; name: string }

const person = (employee_id: string) => ({ path: { employee_id } })
const team = (team_id: string) => ({ path: { team_id } })

export const inForceQuery = ({ kind, id }: Pick<Subject, 'kind' | 'id'>) =>
  queryOptions({
    queryKey: ['own-settings', kind, id],
    // A form begins with what is true now.
    staleTime: 0,
    queryFn: ({ signal }): Promise<EffectiveSettings> =>
      kind === 'team'
        ? ok(api.GET(OF_TEAM, { params: team(id), signal }))
        : ok(api.GET(OF_PERSON, { params: person(id), signal })),
  })

export const mySettingsQuery = queryOptions({
  queryKey: ['own-settings', 'me'],
  queryFn: ({ signal }) => ok(api.GET('/api/me/settings', { signal })),
})

export const overridesQuery = (cursor: string | undefined) =>
  queryOptions({
    queryKey: ['own-settings', 'list', { cursor }],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/setting-overrides', { params: { query: { cursor } }, signal })),
  })

/** Refused with `precondition_failed` when something of it is not what was seen any more. */
export function useChangeOwn({ kind, id }: Subject) {
  const refresh = useRefresh(['own-settings'])
  return useMutation({
    mutationFn: ({ version, body }: { version: string; body: OwnSettingsPatch }) => {
      const header = { 'If-Match': `"${version}"` }
      return kind === 'team'
        ? ok(api.PATCH(OF_TEAM, { params: { ...team(id), header }, body }))
        : ok(api.PATCH(OF_PERSON, { params: { ...person(id), header }, body }))
    },
    // Also where somebody was faster: what is there now is shown.
    onSettled: refresh,
  })
}
