// Which teams and people have settings of their own, and which.
import { Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Users } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useMe } from '~/api/me'
import { type Column, DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import {
  overridesQuery,
  type SettingOverride,
  type Subject,
} from '~/components/own-settings/queries'
import { ownInWords } from '~/components/own-settings/words'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'

const OwnSettingsDialog = lazy(() => import('~/components/own-settings/dialog'))

export function Differing() {
  const [cursor, go] = useState<string>()
  const list = useQuery(overridesQuery(cursor))
  const readOnly = whyReadOnly(useMe())
  const [changing, change] = useState<Subject>()
  const columns: Column<SettingOverride>[] = [
    { key: 'name', header: 'Whose', names: true, cell: ({ name }) => name },
    { key: 'kind', header: 'Kind', cell: ({ kind }) => (kind === 'team' ? 'Team' : 'Person') },
    { key: 'own', header: 'Other than the company', cell: ({ own }) => ownInWords(own) },
    {
      key: 'actions',
      header: 'Actions',
      bare: true,
      align: 'end',
      cell: ({ kind, id, name }) => (
        <WithReason reason={readOnly}>
          {(blocked) => (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={`Change settings of ${name}`}
              onClick={() => change({ kind: kind === 'team' ? 'team' : 'person', id, name })}
              {...blocked}
            >
              Change
            </Button>
          )}
        </WithReason>
      ),
    },
  ]
  return (
    <Card component="section" aria-labelledby="differing" maw={760} p={0}>
      <Stack gap={2} p="md">
        <Title order={2} size="h5" id="differing">
          Teams and people with other settings
        </Title>
        <Text size="sm" c="dimmed">
          Days and hours, when somebody counts as idle, titles, paths and screenshots may differ: a
          team’s win over the company’s, a person’s own over the team’s. Choose them from a{' '}
          <AnchorLink to="/teams" fz="sm" underline="always">
            team’s menu
          </AnchorLink>{' '}
          or on a person’s page. All else is the same for everybody: patterns that are never kept,
          what is shown to admins and leads, manual time, and how long records are kept.
        </Text>
      </Stack>
      <Loaded query={list} skeleton={<Skeleton h={120} m="md" w="auto" />}>
        {(page) =>
          page.items.length === 0 && !cursor ? (
            <Empty icon={Users} title="Everybody has the company’s settings" />
          ) : (
            <>
              <DataTable
                caption="Teams and people with other settings"
                columns={columns}
                rows={page.items}
                rowKey={(row) => row.id}
              />
              {(cursor || page.next_cursor) && (
                <Group justify="flex-end" gap="xs" p="md">
                  <Button
                    variant="default"
                    size="xs"
                    disabled={!cursor}
                    onClick={() => go(undefined)}
                  >
                    First page
                  </Button>
                  <Button
                    variant="default"
                    size="xs"
                    disabled={!page.next_cursor}
                    onClick={() => go(page.next_cursor ?? undefined)}
                  >
                    Next
                  </Button>
                </Group>
              )}
            </>
          )
        }
      </Loaded>
      {changing && (
        <Suspense fallback={null}>
          <OwnSettingsDialog subject={changing} onClose={() => change(undefined)} />
        </Suspense>
      )}
    </Card>
  )
}
