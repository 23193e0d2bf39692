// Deleting a picture: what goes, what stays, and why.
import { Button, Group, List, Stack, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useEffect, useRef } from 'react'
import { asAppError, fieldErrors } from '~/api/errors'
import { FormProblem } from '~/components/form-problem'
import { bytes, plural } from '~/lib/format'
import { useDelete } from './queries'
import type { Shot } from './shot'

type DeleteFormProps = { shot: Shot; isOwn: boolean; onDeleted: () => void; onClose: () => void }

export function DeleteForm({ shot, isOwn, onDeleted, onClose }: DeleteFormProps) {
  const remove = useDelete(shot.id)
  const keep = useRef<HTMLButtonElement>(null)
  useEffect(() => keep.current?.focus(), [])
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { reason: '' },
    validate: {
      reason: (text) =>
        text.trim() ? null : `Say why: ${isOwn ? 'your admins read' : 'the person reads'} it.`,
    },
  })
  const submit = form.onSubmit(({ reason }) =>
    remove.mutate(reason.trim(), {
      onSuccess: ({ screenshots_before, screenshots_after }) => {
        notifications.show({
          message: `Deleted. That day had ${plural(screenshots_before, 'picture')}, and has ${screenshots_after} now.`,
        })
        onDeleted()
      },
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <FormProblem error={remove.error} />
        <Text size="sm" fw={600}>
          {isOwn ? 'Delete this picture of yours?' : `Delete this picture of ${shot.user_name}?`}
        </Text>
        <List size="sm" spacing={4}>
          <List.Item>
            {shot.bytes ? `Its files go for good, ${bytes(shot.bytes)}.` : 'Its files go for good.'}{' '}
            Nobody can take that back.
          </List.Item>
          <List.Item>The day counts one picture less. Tracked and active time stay.</List.Item>
          <List.Item>
            {isOwn ? 'Your admins see' : `${shot.user_name} sees`} that it was deleted, by whom and
            why. It is written to the audit log.
          </List.Item>
        </List>
        <Textarea
          label="Why"
          maxLength={500}
          autosize
          minRows={2}
          key={form.key('reason')}
          {...form.getInputProps('reason')}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} ref={keep}>
            Keep it
          </Button>
          <Button type="submit" color="red.9" loading={remove.isPending}>
            Delete
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
