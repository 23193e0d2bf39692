// Columns of the list of disputes.
import { Anchor, Text } from '@mantine/core'
import type { Dispute } from '~/api/types'
import { type Column, TwoLines } from '~/components/data-table'
import { kindWord, stateTone, stateWord, subjectWords } from '~/components/disputes/words'
import { AnchorLink } from '~/components/links'
import { Pill } from '~/components/pill'
import { dayIn, formatDate } from '~/lib/time'

type ColumnsOf = {
  zone: string
  dayZone: string
  /** An employee's are all the own. */
  withPeople: boolean
  onOpen: (id: string) => void
}

export function disputeColumns(of: ColumnsOf): Column<Dispute>[] {
  const { zone, dayZone, withPeople, onOpen } = of
  const who: Column<Dispute> = {
    key: 'who',
    header: 'Employee',
    names: true,
    cell: ({ user_id, user_name, started_at }) => (
      <AnchorLink
        to="/employees/$employeeId"
        params={{ employeeId: user_id }}
        search={started_at ? { day: dayIn(dayZone, started_at) } : {}}
        fz="sm"
        fw={600}
        c="var(--mantine-color-text)"
      >
        {user_name}
      </AnchorLink>
    ),
  }
  return [
    ...(withPeople ? [who] : []),
    {
      key: 'what',
      header: 'What',
      names: !withPeople,
      cell: (entry) => <TwoLines first={subjectWords(entry, zone)} second={kindWord(entry.kind)} />,
    },
    {
      key: 'reason',
      header: 'Why',
      cell: ({ reason }) => (
        <Text size="sm" lineClamp={2} maw={320}>
          {reason}
        </Text>
      ),
    },
    { key: 'since', header: 'Since', cell: ({ created_at }) => formatDate(created_at, zone) },
    {
      key: 'state',
      header: 'State',
      cell: ({ state, answered_by_name }) => (
        <TwoLines
          first={<Pill tone={stateTone(state)}>{stateWord(state)}</Pill>}
          second={answered_by_name && `by ${answered_by_name}`}
        />
      ),
    },
    {
      key: 'open',
      header: 'Actions',
      bare: true,
      align: 'end',
      cell: (entry) => (
        <Anchor
          component="button"
          size="sm"
          onClick={() => onOpen(entry.id)}
          aria-label={`Details of ${entry.user_name}, ${subjectWords(entry, zone)}`}
        >
          Details
        </Anchor>
      ),
    },
  ]
}
