// Columns of the table of API tokens.
import { Button } from '@mantine/core'
import type { ApiToken } from '~/api/types'
import { type Column, TwoLines } from '~/components/data-table'
import { Pill, type Tone } from '~/components/pill'
import { WithReason } from '~/components/with-reason'
import { ago, formatDate, formatDateTime } from '~/lib/time'

const STATUS: Record<string, [Tone, string]> = {
  active: ['good', 'Active'],
  expired: ['warn', 'Expired'],
  revoked: ['off', 'Revoked'],
}

type Options = {
  zone: string
  readOnly: string | undefined
  onRevoke: (token: ApiToken) => void
}

export function apiTokenColumns({ zone, readOnly, onRevoke }: Options): Column<ApiToken>[] {
  return [
    {
      key: 'name',
      header: 'Token',
      names: true,
      cell: (token) => <TwoLines first={token.name} second={`${token.prefix}…`} />,
    },
    {
      key: 'scopes',
      header: 'May',
      cell: (token) => token.scopes.join(', '),
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
      key: 'used',
      header: 'Last used',
      capital: true,
      cell: ({ last_used_at }) =>
        last_used_at ? (
          <span title={formatDateTime(last_used_at, zone)}>{ago(last_used_at)}</span>
        ) : (
          'Never'
        ),
    },
    { key: 'expires', header: 'Ends', cell: (token) => formatDate(token.expires_at, zone) },
    { key: 'by', header: 'Made by', cell: (token) => token.created_by },
    {
      key: 'revoke',
      header: 'Actions',
      bare: true,
      align: 'end',
      cell: (token) =>
        token.status === 'active' && (
          <WithReason reason={readOnly}>
            {(blocked) => (
              <Button
                variant="default"
                size="xs"
                aria-label={`Revoke ${token.name}`}
                onClick={() => onRevoke(token)}
                {...blocked}
              >
                Revoke
              </Button>
            )}
          </WithReason>
        ),
    },
  ]
}
