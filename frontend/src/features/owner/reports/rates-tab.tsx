// What one currency is worth in another, as the owner says: the only way by which amounts of several are added.
import { Button, Card, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ArrowLeftRight, Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ExchangeRate } from '~/api/types'
import { type Column, DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { Loaded } from '~/components/loaded'
import { formatDay } from '~/lib/time'
import { DeleteRateDialog } from './delete-rate-dialog'
import { Help } from './help'
import { ratesQuery } from './queries'
import { RateDialog } from './rate-dialog'

const route = getRouteApi('/_app/owner/reports')
const ONE_PAGE = 200

export function RatesTab() {
  const { rate } = route.useSearch()
  const navigate = route.useNavigate()
  const rates = useQuery(ratesQuery)
  const [deleting, setDeleting] = useState<ExchangeRate>()
  const open = (id: string | undefined) =>
    void navigate({ search: (old) => ({ ...old, rate: id }), replace: !id, resetScroll: false })
  return (
    <Stack gap="lg">
      <Card p={0} component="section" aria-label="List of exchange rates">
        <Group p="md" justify="space-between">
          <Text size="sm" c="dimmed" maw={620}>
            A rate holds from its day on, until the next one of the same two currencies.
          </Text>
          <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => open('new')}>
            New rate
          </Button>
        </Group>
        <Loaded query={rates} skeleton={<Skeleton h={200} m="md" w="auto" />}>
          {({ items, next_cursor }) =>
            items.length === 0 ? (
              <Empty icon={ArrowLeftRight} title="No rates yet">
                Without them amounts of different currencies stay side by side.
              </Empty>
            ) : (
              <>
                <DataTable
                  caption="Exchange rates, the latest first"
                  columns={columns({ onEdit: ({ id }) => open(id), onDelete: setDeleting })}
                  rows={items}
                  rowKey={({ id }) => id}
                />
                {next_cursor && (
                  <Text size="sm" c="dimmed" p="md">
                    The latest {ONE_PAGE} are shown.
                  </Text>
                )}
              </>
            )
          }
        </Loaded>
      </Card>
      <Help words={['Several currencies']} />
      {rate && <RateDialog key={rate} id={rate} onClose={() => open(undefined)} />}
      {deleting && <DeleteRateDialog rate={deleting} onClose={() => setDeleting(undefined)} />}
    </Stack>
  )
}

type Actions = { onEdit: (rate: ExchangeRate) => void; onDelete: (rate: ExchangeRate) => void }

const inWords = ({ from_currency, to_currency, valid_from }: ExchangeRate) =>
  `${from_currency} to ${to_currency} of ${formatDay(valid_from)}`

const columns = ({ onEdit, onDelete }: Actions): Column<ExchangeRate>[] => [
  {
    key: 'rate',
    header: 'Rate',
    names: true,
    cell: ({ from_currency, to_currency, rate }) => (
      <span className="numbers">
        1 {from_currency} = {rate} {to_currency}
      </span>
    ),
  },
  { key: 'valid_from', header: 'Holds from', cell: ({ valid_from }) => formatDay(valid_from) },
  { key: 'changed_by', header: 'Written by', cell: ({ changed_by }) => changed_by },
  {
    key: 'actions',
    header: 'Actions',
    bare: true,
    align: 'end',
    cell: (rate) => (
      <Group gap="xs" justify="flex-end" wrap="nowrap">
        <Button
          size="xs"
          variant="default"
          leftSection={<Pencil size={14} aria-hidden />}
          aria-label={`Edit ${inWords(rate)}`}
          onClick={() => onEdit(rate)}
        >
          Edit
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<Trash2 size={14} aria-hidden />}
          aria-label={`Delete ${inWords(rate)}`}
          onClick={() => onDelete(rate)}
        >
          Delete
        </Button>
      </Group>
    ),
  },
]
