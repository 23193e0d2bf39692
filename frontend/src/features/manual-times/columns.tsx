// Columns of the list of manual time.
import { Anchor, Checkbox, Text } from '@mantine/core'
import type { ManualTime } from '~/api/types'
import { type Column, TwoLines } from '~/components/data-table'
import { AnchorLink } from '~/components/links'
import { Pill } from '~/components/pill'
import { duration } from '~/lib/format'
import { dayIn, stretchWords } from '~/lib/time'
import { kindWord, stateTone, stateWord } from './words'

type Choice = {
  /** What this person can decide about. */
  pending: ManualTime[]
  chosen: string[]
  choose: (ids: string[]) => void
}

type ColumnsOf = {
  zone: string
  dayZone: string
  /** An employee's are all the own. */
  withPeople: boolean
  /** Nobody chooses where nothing can be decided. */
  choice: Choice | undefined
  onOpen: (id: string) => void
}

export const lengthOf = ({ started_at, ended_at }: ManualTime) =>
  (Date.parse(ended_at) - Date.parse(started_at)) / 1000

/** What of it counts, or would. */
export function countsWords({ manual_seconds, explained_seconds }: ManualTime): string {
  if (typeof manual_seconds !== 'number' || typeof explained_seconds !== 'number') return '–'
  if (explained_seconds === 0) return duration(manual_seconds)
  const explained = `${duration(explained_seconds)} of idle time`
  return manual_seconds === 0 ? explained : `${duration(manual_seconds)}, ${explained}`
}

export function manualTimeColumns(of: ColumnsOf): Column<ManualTime>[] {
  const { zone, dayZone, withPeople, choice, onOpen } = of
  const columns: (Column<ManualTime> | false)[] = [
    choice !== undefined && {
      key: 'choose',
      header: 'Choose',
      bare: true,
      cell: (entry) =>
        choice.pending.includes(entry) && (
          <Checkbox
            aria-label={`Choose ${entry.user_name}, ${stretchWords(entry, zone)}`}
            checked={choice.chosen.includes(entry.id)}
            onChange={({ currentTarget: { checked } }) =>
              choice.choose(
                checked
                  ? [...choice.chosen, entry.id]
                  : choice.chosen.filter((other) => other !== entry.id),
              )
            }
          />
        ),
    },
    withPeople && {
      key: 'who',
      header: 'Employee',
      names: true,
      cell: ({ user_id, user_name, started_at, by_another, created_by_name }) => (
        <TwoLines
          first={
            <AnchorLink
              to="/employees/$employeeId"
              params={{ employeeId: user_id }}
              search={{ day: dayIn(dayZone, started_at) }}
              fz="sm"
              fw={600}
              c="var(--mantine-color-text)"
            >
              {user_name}
            </AnchorLink>
          }
          second={by_another && `Added by ${created_by_name}`}
        />
      ),
    },
    {
      key: 'when',
      header: 'When',
      names: !withPeople,
      cell: (entry) => (
        <TwoLines
          first={stretchWords(entry, zone)}
          second={!withPeople && entry.by_another && `Added by ${entry.created_by_name}`}
        />
      ),
    },
    {
      key: 'kind',
      header: 'What',
      cell: ({ kind, task_title }) => <TwoLines first={kindWord(kind)} second={task_title} />,
    },
    {
      key: 'reason',
      header: 'Reason',
      cell: ({ reason }) => (
        <Text size="sm" lineClamp={2} maw={320}>
          {reason}
        </Text>
      ),
    },
    { key: 'counts', header: 'Counts as', align: 'end', cell: (entry) => countsWords(entry) },
    {
      key: 'state',
      header: 'State',
      cell: ({ state, decided_by_name }) => (
        <TwoLines
          first={<Pill tone={stateTone(state)}>{stateWord(state)}</Pill>}
          second={decided_by_name && `by ${decided_by_name}`}
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
          aria-label={`Details of ${entry.user_name}, ${stretchWords(entry, zone)}`}
        >
          Details
        </Anchor>
      ),
    },
  ]
  return columns.filter((column) => column !== false)
}
