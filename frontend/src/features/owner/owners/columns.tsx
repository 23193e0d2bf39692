// Columns of the table of owners.
import { Button, Group } from '@mantine/core'
import type { OwnerAccount } from '~/api/types'
import { type Column, TwoLines } from '~/components/data-table'
import { Pill, type Tone } from '~/components/pill'
import { ago, formatDateTime } from '~/lib/time'

const STATUS: Record<string, [Tone, string]> = {
  active: ['good', 'Active'],
  invited: ['info', 'Invited'],
  lapsed: ['warn', 'Invitation ended'],
  deactivated: ['off', 'Deactivated'],
}

export type Act = 'repeat' | 'deactivate' | 'reactivate'
type Options = { me: string; zone: string; onAct: (act: Act, owner: OwnerAccount) => void }

export function ownerColumns({ me, zone, onAct }: Options): Column<OwnerAccount>[] {
  return [
    {
      key: 'name',
      header: 'Owner',
      names: true,
      cell: ({ id, name, email }) => (
        <TwoLines first={id === me ? `${name} (you)` : name} second={email} />
      ),
    },
    {
      key: 'status',
      header: 'Status',
      cell: ({ status }) => {
        const [tone, word] = STATUS[status] ?? ['off', status]
        return <Pill tone={tone}>{word}</Pill>
      },
    },
    {
      key: 'two-factor',
      header: 'Two-factor',
      cell: ({ has_two_factor }) => (has_two_factor ? 'On' : 'Not set up'),
    },
    {
      key: 'seen',
      header: 'Last seen',
      capital: true,
      cell: ({ last_seen_at, invited_until }) =>
        last_seen_at ? (
          <span title={formatDateTime(last_seen_at, zone)}>{ago(last_seen_at)}</span>
        ) : invited_until ? (
          `Asked until ${formatDateTime(invited_until, zone)}`
        ) : (
          'Never'
        ),
    },
    {
      key: 'actions',
      header: 'Actions',
      bare: true,
      align: 'end',
      cell: (owner) => (
        <Group gap="xs" justify="flex-end" wrap="nowrap">
          {owner.id !== me &&
            ACTS[owner.status]?.map(([act, label]) => (
              <Button
                key={act}
                variant="default"
                size="xs"
                aria-label={`${label}: ${owner.name}`}
                onClick={() => onAct(act, owner)}
              >
                {label}
              </Button>
            ))}
        </Group>
      ),
    },
  ]
}

const ACTS: Record<string, [Act, string][]> = {
  active: [['deactivate', 'Deactivate']],
  invited: [
    ['repeat', 'New link'],
    ['deactivate', 'Take back'],
  ],
  lapsed: [['repeat', 'New link']],
  deactivated: [['reactivate', 'Reactivate']],
}
