// Columns of the teams' table.
import type { Team } from '~/api/types'
import type { Column } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { count } from '~/lib/format'
import { formatDate } from '~/lib/time'
import { TeamMenu } from './team-menu'

export function teamColumns(zone: string): Column<Team>[] {
  return [
    {
      key: 'name',
      header: 'Team',
      names: true,
      cell: (team) => (
        <AnchorLink
          to="/employees"
          search={{ team: team.id }}
          fz="sm"
          fw={600}
          c="var(--mantine-color-text)"
        >
          {team.name}
        </AnchorLink>
      ),
    },
    { key: 'members', header: 'People', align: 'end', cell: (team) => count(team.members) },
    {
      key: 'leads',
      header: 'Led by',
      cell: (team) => team.leads.map(({ name }) => name).join(', ') || '–',
    },
    { key: 'invited', header: 'Invited', align: 'end', cell: (team) => count(team.invited) },
    {
      key: 'deactivated',
      header: 'Deactivated',
      align: 'end',
      cell: (team) => count(team.deactivated_members),
    },
    { key: 'made', header: 'Made', cell: (team) => formatDate(team.created_at, zone) },
    {
      key: 'menu',
      header: 'Actions',
      bare: true,
      align: 'end',
      width: 56,
      cell: (team) => <TeamMenu team={team} />,
    },
  ]
}
