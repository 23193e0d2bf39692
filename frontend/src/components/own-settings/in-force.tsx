// What is in force for somebody, and where each value comes from.
import type { EffectiveSettings } from '~/api/types'
import { type Column, DataTable } from '../data-table'
import { type Row, rowsOf } from './words'

type Sources = Record<string, string>

export const SOURCES: Sources = {
  person: 'This person',
  team: 'Team',
  company: 'Company',
  plan: 'The plan',
}
const MINE: Sources = { ...SOURCES, person: 'You alone', team: 'Your team' }

export function InForce({ values, mine }: { values: EffectiveSettings; mine?: boolean }) {
  const sources = mine ? MINE : SOURCES
  const team = values.team ? `Team ${values.team.name}` : undefined
  const columns: Column<Row>[] = [
    { key: 'name', header: 'Setting', names: true, cell: ({ name }) => name },
    { key: 'value', header: 'In force', cell: ({ value }) => value },
    {
      key: 'source',
      header: 'Comes from',
      cell: ({ source }) => (source === 'team' && team) || (sources[source] ?? source),
    },
  ]
  return (
    <DataTable
      caption="Settings in force"
      columns={columns}
      rows={rowsOf(values)}
      rowKey={(row) => row.key}
    />
  )
}
