// What narrows disputes down; all of it is in the address.
import { NativeSelect } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { KIND_CHOICES, STATES, stateWord } from '~/components/disputes/words'
import { ExportFiles } from '~/components/export-files'
import { FilterBar } from '~/components/filter-bar'
import { SearchField } from '~/components/search-field'
import { TeamFilter } from '~/components/teams/team-filter'
import { exportDisputes, filterOf } from './queries'
import type { DisputesSearch } from './search'

const route = getRouteApi('/_app/_me/disputes')

export function Filters({ isAdmin }: { isAdmin: boolean }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  /** A changed filter starts at the first page. */
  const go = (change: Partial<DisputesSearch>) =>
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
        </>
      }
      actions={
        isAdmin && (
          <ExportFiles
            label="All disputes of this filter"
            save={(format) => exportDisputes(filterOf(search), format)}
          />
        )
      }
    />
  )
}
