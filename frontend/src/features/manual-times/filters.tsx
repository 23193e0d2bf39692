// What narrows manual time down; all of it is in the address.
import { NativeSelect, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useZone } from '~/api/me'
import { ExportFiles } from '~/components/export-files'
import { FilterBar } from '~/components/filter-bar'
import { SearchField } from '~/components/search-field'
import { teamChoicesQuery } from '~/components/teams/queries'
import { dayIn } from '~/lib/time'
import { exportManualTimes, filterOf } from './queries'
import type { ManualTimesSearch } from './search'
import { KIND_CHOICES, STATES, stateWord } from './words'

const route = getRouteApi('/_app/_me/manual-times')

export function Filters({ isAdmin }: { isAdmin: boolean }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const today = dayIn(useZone())
  /** A changed filter starts at the first page. */
  const go = (change: Partial<ManualTimesSearch>) =>
    void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }), replace: true })
  const edge = (name: 'from' | 'to', label: string) => (
    <TextInput
      type="date"
      aria-label={label}
      leftSection={
        <Text span size="xs" c="dimmed" aria-hidden>
          {name === 'from' ? 'From' : 'To'}
        </Text>
      }
      leftSectionWidth={44}
      value={search[name] ?? ''}
      max={today}
      onChange={(event) => go({ [name]: event.currentTarget.value || undefined })}
    />
  )
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
          {edge('from', 'First day')}
          {edge('to', 'Last day')}
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

type TeamFilterProps = {
  value: string | undefined
  onChange: (team: string | undefined) => void
}

function TeamFilter({ value, onChange }: TeamFilterProps) {
  const teams = useQuery(teamChoicesQuery).data?.items ?? []
  return (
    <NativeSelect
      aria-label="Team"
      value={value ?? ''}
      data={[
        { value: '', label: 'Any team' },
        ...teams.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  )
}
