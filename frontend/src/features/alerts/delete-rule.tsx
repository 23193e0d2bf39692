// Asks before a rule is gone, and says what becomes of what it found.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { AlertRule } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { useDeleteRule } from './queries'
import { kindWord, ruleWords } from './words'

export function DeleteRule({ rule, onClose }: { rule: AlertRule; onClose: () => void }) {
  const remove = useDeleteRule()
  const confirm = () =>
    remove.mutate(rule, {
      onSuccess: () => {
        notifications.show({ message: 'The rule is deleted.' })
        onClose()
      },
    })
  return (
    <Modal opened onClose={onClose} title={`Delete the rule “${kindWord(rule.kind)}”?`}>
      <Stack>
        <Text size="sm">{ruleWords(rule)}.</Text>
        <Text size="sm">
          What it has found stays; what is still open is resolved, as nothing watches it any more.
          To pause it, switch it off instead.
        </Text>
        <FormProblem error={remove.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red.9" loading={remove.isPending} onClick={confirm}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
