// Says why something that was recorded is wrong. An admin answers.
import { Button, Group, Modal, NativeSelect, Stack, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { asAppError, fieldErrors } from '~/api/errors'
import { useZone } from '~/api/me'
import { stretchWords, zoneLabel } from '~/lib/time'
import type { Category } from '../categories/categories'
import { FormProblem } from '../form-problem'
import type { Contested } from './contest-button'
import { useContest } from './queries'
import { LABEL_CHOICES } from './words'

type ContestDialogProps = { about: Contested; onClose: () => void }

export default function ContestDialog({ about, onClose }: ContestDialogProps) {
  const contest = useContest()
  const zone = useZone()
  const form = useForm<{ label: Category; reason: string }>({
    initialValues: { label: 'unproductive', reason: '' },
    validate: {
      reason: (text) => (text.trim() ? null : 'Say why: whoever answers reads it.'),
    },
  })
  const submit = form.onSubmit(({ label, reason: said }) => {
    const reason = said.trim()
    contest.mutate(about.kind === 'slot' ? { ...about, reason } : { ...about, label, reason }, {
      onSuccess: () => {
        notifications.show({ message: 'Contested. You are told when an admin answers.' })
        onClose()
      },
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    })
  })
  return (
    <Modal opened onClose={onClose} title="Contest what was recorded" size="lg">
      <form onSubmit={submit} noValidate>
        <Stack>
          <FormProblem error={contest.error} />
          {about.kind === 'slot' ? (
            <Text size="sm">{`The time ${stretchWords(about, zone)} (${zoneLabel(zone)}).`}</Text>
          ) : (
            <NativeSelect
              label={`How ${about.app ?? about.host} is labelled now`}
              description="As your days show it, by category."
              data={LABEL_CHOICES}
              {...form.getInputProps('label')}
            />
          )}
          <Textarea
            label="What is wrong"
            description="Admins read it. It stays on record with their answer."
            maxLength={500}
            autosize
            minRows={3}
            {...form.getInputProps('reason')}
          />
          <Text size="sm">
            Nothing changes by itself: who accepts it corrects the session or the rules. You see the
            answer under <em>Disputes</em>.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={contest.isPending}>
              Contest
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
