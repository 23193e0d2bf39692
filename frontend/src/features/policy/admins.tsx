// For admins: how many have acknowledged the version in force, all versions, and who has.
import {
  Button,
  Card,
  Group,
  Modal,
  NativeSelect,
  Progress,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  Title,
} from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { FileText, Plus, UserCheck } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useMe, useZone } from '~/api/me'
import type { PersonAcknowledgement, Policy } from '~/api/types'
import { type Column, DataTable, TwoLines } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { ExportFiles } from '~/components/export-files'
import { FilterBar } from '~/components/filter-bar'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Pager } from '~/components/pager'
import { Pill } from '~/components/pill'
import { kindsInWords } from '~/components/policy/words'
import { StatTile } from '~/components/stat-tile'
import { TeamFilter } from '~/components/teams/team-filter'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { formatDateTime } from '~/lib/time'
import { acknowledgementsQuery, exportAcknowledgements, filterOf, versionsQuery } from './queries'
import type { PolicySearch } from './search'

const PublishDialog = lazy(() => import('./publish-dialog'))
const Markdown = lazy(() => import('~/components/markdown'))

const route = getRouteApi('/_app/_me/policy')

export default function Admins() {
  const versions = useQuery(versionsQuery)
  const [writes, write] = useState(false)
  const [read, setRead] = useState<Policy>()
  return (
    <>
      <Loaded query={versions} skeleton={<Skeleton h={240} radius="lg" />}>
        {({ items }) => {
          const [current] = items
          if (!current)
            return (
              <Card>
                <Empty
                  icon={FileText}
                  title="No policy is published"
                  action={<NewVersion onClick={() => write(true)} />}
                >
                  Nothing needs to be acknowledged, and everything is recorded as the settings say.
                </Empty>
              </Card>
            )
          return (
            <>
              <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
                <StatTile
                  label={`Acknowledged version ${current.version}`}
                  value={`${current.acknowledged} of ${current.people}`}
                  icon={UserCheck}
                  of={{
                    part: current.acknowledged,
                    whole: current.people,
                    name: 'People who acknowledged the version in force',
                  }}
                  hint={
                    current.kinds.length > 0
                      ? `Of the others is not taken in: ${kindsInWords(current.kinds)}`
                      : 'Nothing is refused of the others'
                  }
                />
              </SimpleGrid>
              <Card p={0} component="section" aria-label="Versions">
                <Group justify="space-between" p="md">
                  <Title order={2} size="h5">
                    Versions
                  </Title>
                  <NewVersion onClick={() => write(true)} />
                </Group>
                <Versions items={items} onRead={setRead} />
              </Card>
              <People items={items} />
            </>
          )
        }}
      </Loaded>
      <Suspense>
        {writes && <PublishDialog last={versions.data?.items[0]} onClose={() => write(false)} />}
      </Suspense>
      <Modal
        opened={read !== undefined}
        onClose={() => setRead(undefined)}
        title={read && `${read.title} (version ${read.version})`}
        size="lg"
      >
        <Suspense fallback={<Skeleton h={160} />}>
          {read && <Markdown below={2} text={read.text} />}
        </Suspense>
      </Modal>
    </>
  )
}

function NewVersion({ onClick }: { onClick: () => void }) {
  const readOnly = whyReadOnly(useMe())
  return (
    <WithReason reason={readOnly}>
      {(blocked) => (
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={onClick} {...blocked}>
          New version
        </Button>
      )}
    </WithReason>
  )
}

function Versions({ items, onRead }: { items: Policy[]; onRead: (policy: Policy) => void }) {
  const zone = useZone()
  const columns: Column<Policy>[] = [
    {
      key: 'version',
      header: 'Version',
      names: true,
      cell: ({ version, title }) => <TwoLines first={`${version}`} second={title} />,
    },
    {
      key: 'published',
      header: 'Published',
      cell: ({ published_at, published_by_name }) => (
        <TwoLines first={formatDateTime(published_at, zone)} second={published_by_name} />
      ),
    },
    {
      key: 'kinds',
      header: 'Only after it',
      cell: ({ kinds }) => (kinds.length > 0 ? kindsInWords(kinds) : 'Nothing'),
    },
    {
      key: 'acknowledged',
      header: 'Acknowledged',
      cell: ({ version, acknowledged, people }) => (
        <Stack gap={4} miw={120}>
          <Text size="sm" className="numbers">
            {acknowledged} of {people}
          </Text>
          <Progress
            size="sm"
            value={people > 0 ? (acknowledged / people) * 100 : 0}
            aria-label={`People who acknowledged version ${version}`}
          />
        </Stack>
      ),
    },
    {
      key: 'read',
      header: 'Text',
      bare: true,
      cell: (policy) => (
        <Button
          variant="default"
          size="xs"
          aria-label={`Read version ${policy.version}`}
          onClick={() => onRead(policy)}
        >
          Read
        </Button>
      ),
    },
  ]
  return (
    <DataTable
      caption="Versions of the policy"
      columns={columns}
      rows={items}
      rowKey={({ version }) => String(version)}
    />
  )
}

function People({ items }: { items: Policy[] }) {
  const zone = useZone()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const filter = filterOf(search)
  const people = useQuery(acknowledgementsQuery(filter, search.cursor))
  /** A changed filter starts at the first page. */
  const go = (change: Partial<PolicySearch>) =>
    void navigate({
      search: (old) => ({ ...old, cursor: undefined, ...change }),
      replace: true,
      resetScroll: false,
    })
  return (
    <Card p={0} component="section" aria-label="Who has acknowledged">
      <Title order={2} size="h5" px="md" pt="md">
        Who has acknowledged
      </Title>
      <FilterBar
        search={
          <NativeSelect
            aria-label="State"
            value={search.state}
            data={[
              { value: 'all', label: 'Everybody' },
              { value: 'acknowledged', label: 'Who has' },
              { value: 'missing', label: 'Who has not' },
            ]}
            onChange={({ currentTarget }) =>
              go({ state: currentTarget.value as PolicySearch['state'] })
            }
          />
        }
        filters={
          <>
            <NativeSelect
              aria-label="Version"
              value={search.version ?? ''}
              data={[
                { value: '', label: 'Version in force' },
                ...items
                  .slice(1)
                  .map(({ version }) => ({ value: `${version}`, label: `Version ${version}` })),
              ]}
              onChange={({ currentTarget }) => go({ version: currentTarget.value || undefined })}
            />
            <TeamFilter value={search.team} onChange={(team) => go({ team })} />
          </>
        }
        actions={
          <ExportFiles
            label="Everybody of this filter"
            save={(format) => exportAcknowledgements(filter, format)}
          />
        }
      />
      <Loaded query={people} skeleton={<Skeleton h={240} m="md" w="auto" />}>
        {(page) =>
          page.items.length > 0 ? (
            <>
              <DataTable
                caption="People and their acknowledgements"
                columns={columnsOf(zone)}
                rows={page.items}
                rowKey={({ user_id }) => user_id}
                busy={people.isPlaceholderData}
              />
              <Pager
                shown={page.items.length}
                cursor={search.cursor}
                next={page.next_cursor}
                onGo={(cursor, state) =>
                  void navigate({ search: (old) => ({ ...old, cursor }), state })
                }
              />
            </>
          ) : (
            <NoMatch title="Nobody matches" />
          )
        }
      </Loaded>
    </Card>
  )
}

function columnsOf(zone: string): Column<PersonAcknowledgement>[] {
  return [
    {
      key: 'name',
      header: 'Person',
      names: true,
      cell: ({ user_id, name, email }) => (
        <TwoLines
          first={
            <AnchorLink to="/employees/$employeeId" params={{ employeeId: user_id }} size="sm">
              {name || email}
            </AnchorLink>
          }
          second={name ? email : undefined}
        />
      ),
    },
    { key: 'team', header: 'Team', cell: ({ team }) => team ?? 'No team' },
    {
      key: 'state',
      header: 'State',
      cell: ({ acknowledged_at }) =>
        acknowledged_at ? <Pill tone="good">Acknowledged</Pill> : <Pill tone="warn">Not yet</Pill>,
    },
    {
      key: 'at',
      header: 'When',
      cell: ({ acknowledged_at, via }) =>
        acknowledged_at && (
          <TwoLines
            first={formatDateTime(acknowledged_at, zone)}
            second={via === 'agent' ? 'With the agent' : 'In the portal'}
          />
        ),
    },
  ]
}
