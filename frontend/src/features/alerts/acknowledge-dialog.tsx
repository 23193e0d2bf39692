// Puts alerts away, with a note if there is something to say.
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { FormProblem } from '~/components/form-problem'
import { plural } from '~/lib/format'
import { useAcknowledge } from './queries'

type AcknowledgeDialogProps = { ids: string[]; onClose: (done: boolean) => void }

export default function AcknowledgeDialog({ ids, onClose }: AcknowledgeDialogProps) {
  const acknowledge = useAcknowledge()
  const [note, write] = useState('')
  const what = plural(ids.length, 'alert')
  const submit = () => {
    const text = note.trim()
    acknowledge.mutate(
      { alert_ids: ids, ...(text ? { note: text } : {}) },
      {
        onSuccess: () => {
          notifications.show({ message: `${what} acknowledged.` })
          onClose(true)
        },
      },
    )
  }
  return (
    <Modal opened onClose={() => onClose(false)} title={`Acknowledge ${what}?`}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack>
          <Text size="sm">They leave the list of open ones, and are not told of again.</Text>
          <Textarea
            label="Note (optional)"
            description="Whom an alert is about reads it as well."
            maxLength={500}
            autosize
            minRows={2}
            value={note}
            onChange={({ currentTarget }) => write(currentTarget.value)}
            data-autofocus
          />
          <FormProblem error={acknowledge.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => onClose(false)}>
              Cancel
            </Button>
            <Button type="submit" loading={acknowledge.isPending}>
              Acknowledge
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
