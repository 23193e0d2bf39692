// Columns of the employees' table.
import { Text } from '@mantine/core'
import type { Employee } from '~/api/types'
import { type Column, TwoLines } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { EmployeePill } from '~/components/pill'
import { roleName } from '~/lib/can'
import { count, duration } from '~/lib/format'
import { ago, formatDate, formatDateTime } from '~/lib/time'
import { EmployeeMenu } from './employee-menu'

export function employeeColumns(zone: string): Column<Employee>[] {
  return [
    {
      key: 'name',
      header: 'Employee',
      sort: 'name',
      names: true,
      cell: (person) => (
        <TwoLines
          first={
            person.status === 'invited' ? (
              <Text span size="sm" fw={600}>
                {person.name || person.email}
              </Text>
            ) : (
              <AnchorLink
                to="/employees/$employeeId"
                params={{ employeeId: person.id }}
                fz="sm"
                fw={600}
                c="var(--mantine-color-text)"
              >
                {person.name || person.email}
              </AnchorLink>
            )
          }
          second={person.name ? person.email : undefined}
        />
      ),
    },
    {
      key: 'role',
      header: 'Role',
      sort: 'role',
      cell: (person) => roleName(person.role),
    },
    { key: 'team', header: 'Team', sort: 'team', cell: (person) => person.team ?? '–' },
    {
      key: 'status',
      header: 'Status',
      sort: 'status',
      cell: (person) => (
        <TwoLines
          first={<EmployeePill status={person.status} />}
          second={person.expires_at && `Until ${formatDate(person.expires_at, zone)}`}
        />
      ),
    },
    {
      key: 'seen',
      header: 'Last seen',
      sort: 'last_seen_at',
      first: 'desc',
      capital: true,
      cell: (person) =>
        person.last_seen_at ? (
          <span title={formatDateTime(person.last_seen_at, zone)}>{ago(person.last_seen_at)}</span>
        ) : (
          'Never'
        ),
    },
    {
      key: 'today',
      header: 'Tracked today',
      sort: 'tracked_seconds_today',
      first: 'desc',
      align: 'end',
      cell: (person) => (person.status === 'active' ? duration(person.tracked_seconds_today) : '–'),
    },
    {
      key: 'devices',
      header: 'Devices',
      sort: 'devices',
      first: 'desc',
      align: 'end',
      cell: (person) => (person.status === 'invited' ? '–' : count(person.devices)),
    },
    {
      key: 'since',
      header: 'Since',
      sort: 'created_at',
      first: 'desc',
      cell: (person) => formatDate(person.created_at, zone),
    },
    {
      key: 'menu',
      header: 'Actions',
      bare: true,
      align: 'end',
      width: 56,
      cell: (person) => <EmployeeMenu person={person} />,
    },
  ]
}
