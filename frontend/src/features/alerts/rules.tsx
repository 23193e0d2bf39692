// What the company watches for: rules, each switched on or off, and a first few that are one click away.
import { Button, Card, Checkbox, Group, Skeleton, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Plus, SlidersHorizontal } from 'lucide-react'
import { useState } from 'react'
import { asAppError } from '~/api/errors'
import { useMe, useZone } from '~/api/me'
import type { AlertRule } from '~/api/types'
import { type Column, DataTable, TwoLines } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { formatDate } from '~/lib/time'
import { DeleteRule } from './delete-rule'
import { rulesQuery, useChangeRule, useCreateRules } from './queries'
import { RuleForm } from './rule-form'
import { kindWord, ruleWords, SUGGESTED } from './words'

const route = getRouteApi('/_app/_me/alerts')

export default function Rules() {
  const rules = useQuery(rulesQuery)
  const { rule } = route.useSearch()
  const navigate = route.useNavigate()
  const readOnly = whyReadOnly(useMe())
  const suggest = useCreateRules()
  const [leaving, leave] = useState<AlertRule>()
  const open = (rule: string | undefined) =>
    void navigate({ search: (old) => ({ ...old, rule }), replace: !rule })
  const edited = rules.data?.items.find(({ id }) => id === rule)
  return (
    <Card p={0} component="section" aria-label="Alert rules">
      <Group p="md" justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" maw={560}>
          Looked at every three minutes, by the company's days and hours. A rule looks at no day
          from before it was switched on.
        </Text>
        <WithReason reason={readOnly}>
          {(blocked) => (
            <Button
              leftSection={<Plus size={16} aria-hidden />}
              onClick={() => open('new')}
              {...blocked}
            >
              New rule
            </Button>
          )}
        </WithReason>
      </Group>
      <FormProblem error={suggest.error} />
      <Loaded query={rules} skeleton={<Skeleton h={240} m="md" w="auto" />}>
        {({ items }) =>
          items.length > 0 ? (
            <Rows rules={items} readOnly={readOnly} onEdit={open} onDelete={leave} />
          ) : (
            <Empty
              icon={SlidersHorizontal}
              title="Nothing is watched"
              action={
                <WithReason reason={readOnly}>
                  {(blocked) => (
                    <Button
                      loading={suggest.isPending}
                      onClick={() => suggest.mutate(SUGGESTED)}
                      {...blocked}
                    >
                      Switch the usual four on
                    </Button>
                  )}
                </WithReason>
              }
            >
              A start that many companies make:
              {SUGGESTED.map((one) => (
                <Text key={one.kind} size="sm" c="dimmed">
                  {ruleWords(one)}.
                </Text>
              ))}
            </Empty>
          )
        }
      </Loaded>
      {rule && !readOnly && (rule === 'new' || edited) && (
        <RuleForm rule={edited} onClose={() => open(undefined)} />
      )}
      {leaving && <DeleteRule rule={leaving} onClose={() => leave(undefined)} />}
    </Card>
  )
}

type RowsProps = {
  rules: AlertRule[]
  readOnly: string | undefined
  onEdit: (id: string) => void
  onDelete: (rule: AlertRule) => void
}

function Rows({ rules, readOnly, onEdit, onDelete }: RowsProps) {
  const zone = useZone()
  const change = useChangeRule()
  const turn = (rule: AlertRule) =>
    change.mutate(
      { rule, body: { enabled: !rule.enabled } },
      {
        onError: (thrown) => {
          const stale = asAppError(thrown).code === 'precondition_failed'
          notifications.show({
            color: 'red',
            message: stale
              ? 'Somebody has changed this rule meanwhile. It is shown as it is now.'
              : 'The rule could not be changed.',
          })
        },
      },
    )
  const columns: Column<AlertRule>[] = [
    {
      key: 'kind',
      header: 'Rule',
      names: true,
      cell: (rule) => (
        <TwoLines
          first={
            <Text span size="sm" fw={600}>
              {kindWord(rule.kind)}
            </Text>
          }
          second={`By ${rule.created_by_name ?? 'somebody who was removed'}, ${formatDate(rule.created_at, zone)}`}
        />
      ),
    },
    { key: 'what', header: 'Tells when', cell: (rule) => <Text size="sm">{ruleWords(rule)}</Text> },
    {
      key: 'scope',
      header: 'Watches',
      cell: ({ kind, team_name, user_name }) =>
        user_name ?? team_name ?? (kind === 'storage' ? 'The company' : 'Everybody'),
    },
    {
      key: 'on',
      header: 'On',
      cell: (rule) => (
        <Checkbox
          aria-label={`${kindWord(rule.kind)}: ${ruleWords(rule)}`}
          checked={rule.enabled}
          disabled={Boolean(readOnly) || change.isPending}
          onChange={() => turn(rule)}
        />
      ),
    },
    {
      key: 'actions',
      header: 'Actions',
      bare: true,
      cell: (rule) =>
        !readOnly && (
          <Group gap={6} wrap="nowrap" justify="flex-end">
            {rule.kind !== 'device' && (
              <Button size="compact-sm" variant="default" onClick={() => onEdit(rule.id)}>
                Edit
              </Button>
            )}
            <Button size="compact-sm" variant="default" onClick={() => onDelete(rule)}>
              Delete
            </Button>
          </Group>
        ),
    },
  ]
  return <DataTable caption="Alert rules" columns={columns} rows={rules} rowKey={({ id }) => id} />
}
