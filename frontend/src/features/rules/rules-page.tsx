// What counts as productive: the rules in the order in which they are tried, how far the past follows them, and a test.
import {
  ActionIcon,
  Alert,
  Button,
  Card,
  Code,
  Group,
  Modal,
  Progress,
  Skeleton,
  Stack,
  Text,
  Title,
} from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import {
  AppWindow,
  ArrowDown,
  ArrowUp,
  Globe,
  History,
  Layers,
  Pencil,
  Plus,
  Trash,
} from 'lucide-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useMe } from '~/api/me'
import type { Reclassification, Rule, RuleList, Team } from '~/api/types'
import { CATEGORY_NAMES, CATEGORY_TONES } from '~/components/categories/categories'
import { type Column, DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { FormProblem } from '~/components/form-problem'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { Pill } from '~/components/pill'
import { teamChoicesQuery } from '~/components/teams/queries'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { duration, plural } from '~/lib/format'
import { formatDay } from '~/lib/time'
import { candidatesQuery, reclassificationQuery, rulesQuery, useChangeRules } from './queries'
import { TestCard } from './test-card'
import { FIELDS, movable, moved } from './values'

const RuleDialog = lazy(() => import('./rule-dialog'))

/** Which dialog is open: a rule by its place in the list that was seen then, or a new one. */
type Open = { list: RuleList } & (
  | { what: 'edit' | 'delete'; at: number }
  | { what: 'new'; begin?: Pick<Rule, 'field' | 'pattern'> }
)

export function RulesPage() {
  const rules = useQuery(rulesQuery)
  const teams = useQuery(teamChoicesQuery).data?.items ?? []
  const readOnly = whyReadOnly(useMe())
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const add = () => rules.data && setOpen({ what: 'new', list: rules.data })
  return (
    <Page
      title="Rules"
      purpose={
        <>
          Which applications, sites and titles are productive, neutral or unproductive. The first
          rule that fits decides; what none fits is unclassified. The sums are in{' '}
          <AnchorLink to="/usage" search={{ by: 'category' }} underline="always" inherit>
            usage
          </AnchorLink>
          .
        </>
      }
      actions={
        <WithReason reason={readOnly}>
          {(blocked) => (
            <Button leftSection={<Plus size={16} aria-hidden />} onClick={add} {...blocked}>
              New rule
            </Button>
          )}
        </WithReason>
      }
    >
      <Past />
      <Card p={0} component="section" aria-label="List of rules">
        <Loaded query={rules} skeleton={<Skeleton h={320} m="md" w="auto" />}>
          {(list) =>
            list.items.length > 0 ? (
              <Rows list={list} teams={teams} readOnly={readOnly !== undefined} onOpen={setOpen} />
            ) : (
              <Empty
                icon={Layers}
                title="There are no rules yet"
                action={!readOnly && <Button onClick={add}>Make the first rule</Button>}
              >
                All time is unclassified. A rule sorts what was recorded before as well.
              </Empty>
            )
          }
        </Loaded>
      </Card>
      {!readOnly && rules.data && (
        <Candidates
          onOpen={(begin) => rules.data && setOpen({ what: 'new', begin, list: rules.data })}
        />
      )}
      <TestCard teams={teams} version={rules.data?.version} />
      {open && !readOnly && (
        <Suspense>
          {open.what === 'delete' ? (
            <DeleteDialog list={open.list} at={open.at} onClose={close} />
          ) : (
            <RuleDialog
              list={open.list}
              at={open.what === 'edit' ? open.at : undefined}
              begin={open.what === 'new' ? open.begin : undefined}
              teams={teams}
              onClose={close}
            />
          )}
        </Suspense>
      )}
    </Page>
  )
}

/** What is used most and has no rule: each a click away from one. */
function Candidates({ onOpen }: { onOpen: (begin: Pick<Rule, 'field' | 'pattern'>) => void }) {
  const items = useQuery(candidatesQuery).data?.items ?? []
  if (items.length === 0) return null
  return (
    <Card component="section" aria-label="Without a rule">
      <Title order={2} size="h5">
        Without a rule
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        Used most in the last seven days. Choose one to make a rule for it.
      </Text>
      <Group gap="xs">
        {items.map(({ field, name, seconds }) => (
          <Button
            key={`${field} ${name}`}
            variant="default"
            size="xs"
            maw="100%"
            aria-label={`Make a rule for ${name}`}
            leftSection={
              field === 'app' ? (
                <AppWindow size={14} aria-hidden />
              ) : (
                <Globe size={14} aria-hidden />
              )
            }
            rightSection={
              <Text span size="xs" c="dimmed" className="numbers">
                {duration(seconds)}
              </Text>
            }
            onClick={() => onOpen({ field, pattern: name.slice(0, 150) })}
          >
            {name}
          </Button>
        ))}
      </Group>
    </Card>
  )
}

/** How far what was recorded follows the rules of now. */
function Past() {
  const past = useQuery(reclassificationQuery)
  return (
    <Loaded query={past} skeleton={<Skeleton h={48} />}>
      {(progress) => <PastOf progress={progress} />}
    </Loaded>
  )
}

function PastOf({ progress: { people, waiting, first_day } }: { progress: Reclassification }) {
  const border = first_day
    ? `Days from ${formatDay(first_day)} on follow these rules. The records of earlier days are deleted: these keep the categories they had.`
    : 'All recorded days follow these rules.'
  const total = Math.max(people, waiting)
  return (
    <Alert
      variant="light"
      color="gray"
      icon={<History size={18} aria-hidden />}
      title={waiting > 0 ? 'Recorded time is being sorted anew' : undefined}
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      {waiting > 0 && (
        <>
          <Text size="sm" role="status">
            {plural(total - waiting, 'person', 'people')} of {total} done.
          </Text>
          <Progress
            my="xs"
            value={(100 * (total - waiting)) / total}
            aria-label="Recorded time that is sorted anew"
          />
        </>
      )}
      <Text size="sm">{border}</Text>
    </Alert>
  )
}

type RowsProps = {
  list: RuleList
  teams: Team[]
  readOnly: boolean
  onOpen: (open: Open) => void
}

function Rows({ list, teams, readOnly, onOpen }: RowsProps) {
  const change = useChangeRules()
  const move = (at: number, by: -1 | 1) =>
    change.mutate({ seen: list, items: moved(list.items, at, by) })
  const rows = list.items.map((rule, at) => ({ ...rule, at }))
  const columns: Column<Rule & { at: number }>[] = [
    { key: 'at', header: 'Rule', width: 72, cell: ({ at }) => at + 1 },
    {
      key: 'pattern',
      header: 'Pattern',
      names: true,
      cell: ({ pattern, kind }) => (
        <Group gap={6}>
          <Code style={{ overflowWrap: 'anywhere' }}>{pattern}</Code>
          {kind === 'regex' && (
            <Text span size="xs" c="dimmed">
              expression
            </Text>
          )}
        </Group>
      ),
    },
    { key: 'field', header: 'Looks at', cell: ({ field }) => FIELDS[field] },
    {
      key: 'team',
      header: 'For',
      cell: ({ team_id }) =>
        team_id ? (teams.find(({ id }) => id === team_id)?.name ?? 'A team') : 'Everybody',
    },
    {
      key: 'category',
      header: 'Counts as',
      cell: ({ category }) => (
        <Pill tone={CATEGORY_TONES[category]}>{CATEGORY_NAMES[category]}</Pill>
      ),
    },
    ...(readOnly
      ? []
      : [
          {
            key: 'actions',
            header: 'Actions',
            align: 'end' as const,
            bare: true,
            cell: ({ at }: { at: number }) => (
              <Actions
                list={list}
                at={at}
                busy={change.isPending}
                onMove={(by) => move(at, by)}
                onOpen={(what) => onOpen({ what, at, list })}
              />
            ),
          },
        ]),
  ]
  return (
    <>
      {change.error && (
        <Stack p="md">
          <FormProblem error={change.error} />
        </Stack>
      )}
      <DataTable
        caption="Rules in the order in which they are tried"
        columns={columns}
        rows={rows}
        rowKey={({ team_id, field, kind, pattern }) =>
          `${team_id ?? ''} ${field} ${kind} ${pattern}`
        }
        busy={change.isPending}
      />
    </>
  )
}

type ActionsProps = {
  list: RuleList
  at: number
  busy: boolean
  onMove: (by: -1 | 1) => void
  onOpen: (what: 'edit' | 'delete') => void
}

function Actions({ list: { items }, at, busy, onMove, onOpen }: ActionsProps) {
  const name = `rule ${at + 1}`
  const step = (by: -1 | 1, label: string, icon: ReactNode) => {
    // A button that is disabled under the finger would lose the focus.
    const blocked = !movable(items, at, by)
    return (
      <ActionIcon
        variant="subtle"
        color="gray"
        size={32}
        aria-label={`Move ${name} ${label}`}
        aria-disabled={blocked || undefined}
        data-disabled={blocked || undefined}
        onClick={() => !blocked && !busy && onMove(by)}
      >
        {icon}
      </ActionIcon>
    )
  }
  return (
    <Group gap={2} justify="flex-end" wrap="nowrap">
      {step(-1, 'up', <ArrowUp size={16} aria-hidden />)}
      {step(1, 'down', <ArrowDown size={16} aria-hidden />)}
      <ActionIcon
        variant="subtle"
        color="gray"
        size={32}
        aria-label={`Change ${name}`}
        onClick={() => onOpen('edit')}
      >
        <Pencil size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={32}
        aria-label={`Delete ${name}`}
        onClick={() => onOpen('delete')}
      >
        <Trash size={16} aria-hidden />
      </ActionIcon>
    </Group>
  )
}

type DeleteDialogProps = { list: RuleList; at: number; onClose: () => void }

function DeleteDialog({ list, at, onClose }: DeleteDialogProps) {
  const change = useChangeRules()
  const confirm = () =>
    change.mutate(
      { seen: list, items: list.items.filter((_, place) => place !== at) },
      {
        onSuccess: () => {
          notifications.show({ message: `Rule ${at + 1} is deleted.` })
          onClose()
        },
      },
    )
  return (
    <Modal opened onClose={onClose} title={`Delete rule ${at + 1}?`}>
      <Stack>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          Time that it decided about goes to the next rule that fits{' '}
          <Code>{list.items[at]?.pattern}</Code>, or is unclassified; recorded time as well.
        </Text>
        <FormProblem error={change.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red.9" loading={change.isPending} onClick={confirm}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
