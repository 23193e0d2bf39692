// Columns of the employees' table and of its CSV file.
import { Text } from '@mantine/core'
import type { Employee } from '~/api/types'
import { type Column, TwoLines } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { EmployeePill } from '~/components/pill'
import type { CsvColumn } from '~/lib/csv'
import { count, duration } from '~/lib/format'
import { ago, formatDateTime } from '~/lib/time'
import { EmployeeMenu } from './employee-menu'

export function employeeColumns(zone: string): Column<Employee>[] {
  return [
    {
      key: 'name',
      header: 'Employee',
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
          second={person.name ? person.email : 'Has not accepted yet'}
        />
      ),
    },
    {
      key: 'role',
      header: 'Role',
      cell: (person) => (person.role === 'ADMIN' ? 'Admin' : 'Employee'),
    },
    { key: 'status', header: 'Status', cell: (person) => <EmployeePill status={person.status} /> },
    {
      key: 'seen',
      header: 'Last seen',
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
      align: 'end',
      cell: (person) => (person.status === 'active' ? duration(person.tracked_seconds_today) : '–'),
    },
    {
      key: 'devices',
      header: 'Devices',
      align: 'end',
      cell: (person) => (person.status === 'invited' ? '–' : count(person.devices)),
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

export const employeeCsv: CsvColumn<Employee>[] = [
  { header: 'Name', value: (person) => person.name },
  { header: 'E-mail', value: (person) => person.email },
  { header: 'Role', value: (person) => person.role },
  { header: 'Status', value: (person) => person.status },
  { header: 'Last seen (UTC)', value: (person) => person.last_seen_at },
  { header: 'Tracked today, seconds', value: (person) => person.tracked_seconds_today },
  { header: 'Devices', value: (person) => person.devices },
]
