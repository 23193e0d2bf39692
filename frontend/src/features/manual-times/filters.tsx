// What narrows manual time down; all of it is in the address.
import { NativeSelect } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useToday } from '~/api/me'
import { DayRange } from '~/components/day-range'
import { ExportFiles } from '~/components/export-files'
import { FilterBar } from '~/components/filter-bar'
import { SearchField } from '~/components/search-field'
import { TeamFilter } from '~/components/teams/team-filter'

import { exportManualTimes, filterOf } from './queries'
import type { ManualTimesSearch } from './search'
import { KIND_CHOICES, STATES, stateWord } from './words'

const route = getRouteApi('/_app/_me/manual-times')

export function Filters({ isAdmin }: { isAdmin: boolean }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const today = useToday()
  /** A changed filter starts at the first page. */
  const go = (change: Partial<ManualTimesSearch>) =>
    void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }), replace: true })
  const choice = (
    name: 'state' | 'kind',
    label: string,
    data: { value: string; label: string }[],
  ) => (
    <NativeSelect
      aria-label={label}
      value={search[name] ?? ''}
      data={data}
      onChange={(event) => go({ [name]: event.currentTarget.value || undefined })}
    />
  )
  return (
    <FilterBar
      search={
        isAdmin && (
          <SearchField label="Search people" initial={search.q} onSearch={(q) => go({ q })} />
        )
      }
      filters={
        <>
          {choice('state', 'State', [
            { value: '', label: 'Any state' },
            ...STATES.map((value) => ({ value, label: stateWord(value) })),
          ])}
          {choice('kind', 'What', [{ value: '', label: 'Anything' }, ...KIND_CHOICES])}
          {isAdmin && <TeamFilter value={search.team} onChange={(team) => go({ team })} />}
          <DayRange from={search.from} to={search.to} latest={today} onChange={go} />
        </>
      }
      actions={
        isAdmin && (
          <ExportFiles
            label="All manual time of this filter"
            save={(format) => exportManualTimes(filterOf(search), format)}
          />
        )
      }
    />
  )
}
