// Keeps a report under a name.
import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { FormProblem } from '~/components/form-problem'
import { type Day, formatDay } from '~/lib/time'
import type { ReportFilter } from './queries'
import { movingPeriod, parametersOf, useSaveReport } from './saved-queries'
import { KINDS } from './words'

type SaveDialogProps = { filter: ReportFilter; today: Day; onClose: () => void }

export function SaveDialog({ filter, today, onClose }: SaveDialogProps) {
  const moving = movingPeriod(filter, today)
  const [name, setName] = useState(
    `${KINDS[filter.kind].label}${moving ? `, ${moving.name.toLowerCase()}` : ''}`,
  )
  const [moves, setMoves] = useState(moving !== undefined)
  const [shared, setShared] = useState(false)
  const save = useSaveReport()
  return (
    <Modal opened onClose={onClose} title="Save this report">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate(
            { name: name.trim(), shared, report: parametersOf(filter, moves, today) },
            {
              onSuccess: ({ name }) => {
                notifications.show({ message: `${name} is saved.` })
                onClose()
              },
            },
          )
        }}
      >
        <Stack>
          <TextInput
            label="Name"
            value={name}
            maxLength={120}
            required
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {moving ? (
            <Checkbox
              label={`Days move on: always ${moving.name.toLowerCase()}`}
              description={`Else it stays ${formatDay(filter.from)} to ${formatDay(filter.to)}.`}
              checked={moves}
              onChange={(event) => setMoves(event.currentTarget.checked)}
            />
          ) : null}
          <Checkbox
            label="Other admins see it"
            description="They can open it. Only you change or delete it."
            checked={shared}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
          <FormProblem error={save.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
