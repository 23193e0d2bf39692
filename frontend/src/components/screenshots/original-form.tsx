// Why somebody wants to see an original. The person whose it is reads the answer.
import { Button, Group, NativeSelect, Stack, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useEffect, useRef } from 'react'
import { asAppError, fieldErrors } from '~/api/errors'
import { FormProblem } from '~/components/form-problem'
import { type OriginalReason, useOriginal } from './queries'
import { REASONS } from './reasons'
import type { Shot } from './shot'

type OriginalFormProps = { shot: Shot; onOriginal: (file: Blob) => void; onClose: () => void }

const KEYS = Object.keys(REASONS) as OriginalReason['reason'][]

export function OriginalForm({ shot, onOriginal, onClose }: OriginalFormProps) {
  const original = useOriginal(shot.id)
  const first = useRef<HTMLSelectElement>(null)
  useEffect(() => first.current?.focus(), [])
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { reason: '', note: '' },
    validate: {
      reason: (reason) => (reason ? null : 'Choose a reason.'),
      note: (note, { reason }) =>
        reason === 'other' && !note.trim() ? 'Say in a few words what the reason is.' : null,
    },
  })
  const submit = form.onSubmit(({ reason, note }) => {
    const known = KEYS.find((key) => key === reason)
    if (!known) return
    const said = note.trim()
    original.mutate(
      { reason: known, ...(said && { note: said }) },
      {
        onSuccess: onOriginal,
        onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
      },
    )
  })
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <FormProblem error={original.error} />
        <Text size="sm">
          {shot.user_name} finds in the list of who looked that you opened this original, and why.
        </Text>
        <NativeSelect
          label="Why do you need it?"
          ref={first}
          data={[
            { value: '', label: 'Choose a reason' },
            ...KEYS.map((value) => ({ value, label: REASONS[value] })),
          ]}
          key={form.key('reason')}
          {...form.getInputProps('reason')}
        />
        <Textarea
          label="In your words"
          description="Read by the person as well."
          maxLength={300}
          autosize
          minRows={2}
          key={form.key('note')}
          {...form.getInputProps('note')}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Leave it blurred
          </Button>
          <Button type="submit" loading={original.isPending}>
            Show original
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
