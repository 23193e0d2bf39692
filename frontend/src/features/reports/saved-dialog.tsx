// Saved reports to be renamed, shared and deleted: one's own; others' are listed.
import { Badge, Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import type { SavedReport } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { useChangeSaved, useDeleteSaved } from './saved-queries'
import { ScheduleForm } from './schedule-form'

export function SavedDialog({ saved, onClose }: { saved: SavedReport[]; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Saved reports" size="lg">
      <Stack component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {saved.map((one) => (
          <li key={one.id}>{one.is_mine ? <Own saved={one} /> : <Theirs saved={one} />}</li>
        ))}
        {saved.length === 0 && <Text c="dimmed">Nothing is saved.</Text>}
      </Stack>
    </Modal>
  )
}

function Theirs({ saved }: { saved: SavedReport }) {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text style={{ overflowWrap: 'anywhere' }}>{saved.name}</Text>
      <Badge variant="default" tt="none">
        of {saved.created_by}
      </Badge>
    </Group>
  )
}

function Own({ saved }: { saved: SavedReport }) {
  const [name, setName] = useState(saved.name)
  const [regular, setRegular] = useState(false)
  const change = useChangeSaved()
  const remove = useDeleteSaved()
  const isNew = name.trim() !== '' && name.trim() !== saved.name
  return (
    <Stack gap="xs">
      <Group align="flex-end" gap="xs">
        <TextInput
          label="Name"
          value={name}
          maxLength={120}
          style={{ flex: '1 1 220px' }}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button
          variant="default"
          disabled={!isNew}
          loading={change.isPending}
          onClick={() => change.mutate({ saved, body: { name: name.trim() } })}
        >
          Rename
        </Button>
        <Button
          variant="light"
          color="red"
          loading={remove.isPending}
          aria-label={`Delete ${saved.name}`}
          onClick={() =>
            remove.mutate(saved.id, {
              onSuccess: () => notifications.show({ message: `${saved.name} is deleted.` }),
            })
          }
        >
          Delete
        </Button>
      </Group>
      <Checkbox
        label="Other admins see it"
        checked={saved.shared}
        onChange={(event) =>
          change.mutate({ saved, body: { shared: event.currentTarget.checked } })
        }
      />
      <FormProblem error={change.error ?? remove.error} />
      <Checkbox
        label="Made regularly, with a link by mail"
        checked={regular || !!saved.schedule}
        disabled={!!saved.schedule}
        onChange={(event) => setRegular(event.currentTarget.checked)}
      />
      {(regular || saved.schedule) && <ScheduleForm saved={saved} />}
    </Stack>
  )
}
