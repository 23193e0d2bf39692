// Says who leads a team: those who do, with a way out for each, and a search for others.
import { Button, Checkbox, Group, Modal, Skeleton, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useState } from 'react'
import { asAppError } from '~/api/errors'
import type { Answer, Team } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { SearchField } from '~/components/search-field'
import { activePeopleQuery, teamLeadsQuery, useChangeLeads } from '~/components/teams/queries'

type Leads = Answer<'/api/teams/{team_id}/leads'>

export function LeadsDialog({ team, onClose }: { team: Team; onClose: () => void }) {
  const leads = useQuery(teamLeadsQuery(team.id))
  // Kept here: what somebody else saved in between is shown anew, under the sentence that says so.
  const change = useChangeLeads(team.id)
  return (
    <Modal opened onClose={onClose} title={`Who leads ${team.name}?`}>
      <Loaded query={leads} skeleton={<Skeleton h={320} />}>
        {(seen) => (
          <Form key={seen.version} team={team} seen={seen} change={change} onClose={onClose} />
        )}
      </Loaded>
    </Modal>
  )
}

type FormProps = {
  team: Team
  seen: Leads
  change: ReturnType<typeof useChangeLeads>
  onClose: () => void
}

function Form({ team, seen, change, onClose }: FormProps) {
  const [q, search] = useState<string>()
  const [chosen, choose] = useState(seen.items)
  const people = useQuery(activePeopleQuery(q))
  const stale = change.error && asAppError(change.error).code === 'precondition_failed'
  const without = (id: string) => choose(chosen.filter((one) => one.id !== id))
  const save = () =>
    change.mutate(
      { version: seen.version, employee_ids: chosen.map(({ id }) => id) },
      {
        onSuccess: ({ items }) => {
          const who = items.map(({ name }) => name).join(', ')
          notifications.show({
            message: who ? `${who} leads ${team.name}.` : `Nobody leads ${team.name}.`,
          })
          onClose()
        },
      },
    )
  return (
    <Stack>
      <Text size="sm">
        Leads see the team on a page of their own: its people, or sums alone, as the{' '}
        <AnchorLink to="/settings" fz="sm">
          settings
        </AnchorLink>{' '}
        say. Whom they look at can read it.
      </Text>
      {chosen.length > 0 ? (
        <Group gap={6}>
          {chosen.map(({ id, name }) => (
            <Button
              key={id}
              size="compact-sm"
              variant="light"
              rightSection={<X size={14} aria-hidden />}
              aria-label={`Without ${name}`}
              onClick={() => without(id)}
            >
              {name}
            </Button>
          ))}
        </Group>
      ) : (
        <Text size="sm" c="dimmed">
          Nobody leads it.
        </Text>
      )}
      <SearchField label="Search people" initial={q} onSearch={search} />
      <Loaded query={people} skeleton={<Skeleton h={200} />}>
        {(page) => (
          <Stack
            gap="xs"
            mah={240}
            style={{ overflowY: 'auto' }}
            p={2}
            role="group"
            aria-label="People"
          >
            {page.items.map(({ id, name, email, team: of }) => (
              <Checkbox
                key={id}
                checked={chosen.some((one) => one.id === id)}
                label={name || email}
                description={of ? `${email}, in ${of}` : email}
                onChange={({ currentTarget: { checked } }) =>
                  checked ? choose([...chosen, { id, name: name || email }]) : without(id)
                }
              />
            ))}
            {page.items.length === 0 && (
              <Text size="sm" c="dimmed">
                Nobody matches.
              </Text>
            )}
            {page.next_cursor && (
              <Text size="sm" c="dimmed">
                There are more: search for a name.
              </Text>
            )}
          </Stack>
        )}
      </Loaded>
      <FormProblem error={change.error}>
        {stale && 'Somebody has changed who leads it in between. Look again, then save.'}
      </FormProblem>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={change.isPending} onClick={save}>
          Save
        </Button>
      </Group>
    </Stack>
  )
}
